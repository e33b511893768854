"""A file that is read (SourceFile) and the Python program text(s) inside it (Source).

A .py file or a notebook holds one Source; a Markdown page may hold several programs. The semantics read
`Source.code`; positions in it go to positions in the file by `locate`; edits to it become new file bytes
by `SourceFile.edited`, which changes not one byte outside the edited ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from peftlint.diagnostics import Edit, Span


class SourceError(Exception):
    """The file cannot be read as what it claims to be. `line`/`column` are 1-based positions in the file."""

    def __init__(self, message: str, line: int = 1, column: int = 1, cell: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.cell = message, line, column, cell


@dataclass(frozen=True)
class Location:
    """A span in the file; `cell` is the 0-based index in a notebook's list of all cells."""

    cell: int | None
    span: Span


class Source(Protocol):
    """One Python program text. Line breaks in `code` are kept as they are in the file."""

    path: str
    code: str

    def locate(self, span: Span) -> Location: ...


class SourceFile(Protocol):
    path: str
    raw: bytes
    sources: Sequence[Source]

    def edited(self, edits: Mapping[int, Sequence[Edit]]) -> bytes:
        """New bytes of the file; `edits` maps the index of a source to non-overlapping edits of its `code`."""
        ...
