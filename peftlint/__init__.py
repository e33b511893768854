"""peftlint: a linter and auto-fixer for code that uses Hugging Face PEFT."""

__version__ = "0.1.0"
