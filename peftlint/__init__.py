"""peftlint: a linter and auto-fixer for code that uses Hugging Face PEFT.

    >>> import peftlint
    >>> peftlint.check_source(b"import peft\\n", "train.py")
    []

`check_source` checks bytes, `check_paths` files and directories. Diagnostics, results and settings are plain
frozen dataclasses that can be pickled. Names are imported when they are first used, so that the import is
quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peftlint.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix, Severity, Span, Step
    from peftlint.linter import check_paths, check_source
    from peftlint.result import Result
    from peftlint.settings import ConfigurationError, Settings, load_settings
    from peftlint.sources.base import SourceError

__version__ = "0.1.0"

__all__ = [
    "Applicability",
    "ConfigurationError",
    "Diagnostic",
    "Edit",
    "FileError",
    "Fix",
    "Result",
    "Settings",
    "Severity",
    "SourceError",
    "Span",
    "Step",
    "__version__",
    "check_paths",
    "check_source",
    "load_settings",
]

_HOMES = {
    "check_paths": "linter",
    "check_source": "linter",
    "Result": "result",
    "ConfigurationError": "settings",
    "Settings": "settings",
    "load_settings": "settings",
    "SourceError": "sources.base",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'diagnostics')}"), name)
