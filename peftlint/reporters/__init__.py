"""Output formats: one module each, with `render(result, view) -> str`. A reporter sees diagnostics, never a tree."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from peftlint.result import Result

FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")


@dataclass(frozen=True)
class View:
    """How to show a result: with colours or not, with the suppressed findings or not, which fixes `--fix` takes."""

    color: bool = False
    show_suppressed: bool = False
    unsafe_fixes: bool = False


class Reporter(Protocol):
    def render(self, result: Result, view: View) -> str: ...


def render(name: str, result: Result, view: View | None = None) -> str:
    """The result in a format of `FORMATS`, ending with a line break unless it is empty."""
    if name not in FORMATS:
        raise ValueError(f"unknown output format {name!r}")
    return cast(Reporter, import_module(f"{__name__}.{name}")).render(result, view or View())
