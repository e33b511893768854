"""A small fine-tuning package."""
from .model import build_model
from .training import fit

__all__ = ["build_model", "fit"]
