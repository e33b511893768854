"""Output formats: one module each, with `render(result, view) -> str`.

A reporter sees diagnostics and the lines they are about, never a tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from peftlint.result import Result

FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")


@dataclass(frozen=True)
class View:
    """How to show a result."""

    color: bool = False
    #: suppressed findings too
    show_suppressed: bool = False
    #: whether fixes that are unsafe count as usable
    unsafe_fixes: bool = False
    #: findings and errors only, no closing line
    quiet: bool = False


class Reporter(Protocol):
    def render(self, result: Result, view: View) -> str: ...


def render(name: str, result: Result, view: View | None = None) -> str:
    """The result in a format of `FORMATS`, ending with a line break unless it is empty."""
    if name not in FORMATS:
        raise ValueError(f"unknown output format {name!r}")
    return cast(Reporter, import_module(f"{__name__}.{name}")).render(result, view or View())
