"""Checks of a model in memory: status, gradients and behaviour by logits."""
