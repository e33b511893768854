# Summarizer package.
from .service import Summarizer

__all__ = ["Summarizer"]
