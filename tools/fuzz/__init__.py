"""Fuzzing: what may never happen, whatever the input is."""
