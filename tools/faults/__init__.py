"""Faults on demand: `--fix` is killed at random moments, trees are huge, expressions are deep."""
