"""A file that is read (SourceFile) and the Python program text(s) inside it (Source).

A .py file or a notebook holds one Source; a Markdown page may hold several programs. The semantics read
`Source.code`; positions in it go to positions in the file by `locate`; edits to it become new file bytes
by `SourceFile.edited`, which changes not one byte outside the edited ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from peftlint.diagnostics import Edit, FileError, Span


class SourceError(Exception):
    """The file cannot be read as what it claims to be. `line`/`column` are 1-based positions in the file."""

    def __init__(self, message: str, line: int = 1, column: int = 1, cell: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.cell = message, line, column, cell


class EditError(Exception):
    """The edits cannot be carried into the file: they touch text that the program only stands in for
    (a magic, a prompt, the gap between two cells), or cannot be encoded as the file is.
    """


@dataclass(frozen=True)
class Location:
    """A span in the file; `cell` is the 0-based index in a notebook's list of all cells."""

    cell: int | None
    span: Span


class Source(Protocol):
    """One Python program text.

    Line breaks in `code` are kept as they are in the file; only what libcst would not give back unchanged (a
    form feed at the start of a line, a bare carriage return) is left out or replaced, and `locate` and
    `SourceFile.edited` know where. `shell_lines` are the shell commands of the file in order, without their
    escape (`pip install peft==0.11.1` for `!pip install ...`, `%pip install ...`, a line of a `%%bash` cell).
    """

    @property
    def path(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def shell_lines(self) -> Sequence[str]: ...

    def locate(self, span: Span) -> Location: ...


class SourceFile(Protocol):
    """A file as it was read. `notes`: parts that could not be read while the rest could (a broken cell)."""

    @property
    def path(self) -> str: ...

    @property
    def raw(self) -> bytes: ...

    @property
    def kind(self) -> str:
        """What it was read as: "python", "notebook", "markdown" or "rst"."""
        ...

    @property
    def texts(self) -> Sequence[tuple[int | None, str]]:
        """What a person reads in the file: its text, or the source of each code cell, with its index."""
        ...

    @property
    def sources(self) -> Sequence[Source]: ...

    @property
    def notes(self) -> Sequence[FileError]: ...

    def edited(self, edits: Mapping[int, Sequence[Edit]]) -> bytes:
        """New bytes of the file; `edits` maps the index of a source to non-overlapping edits of its `code`.

        The edits are in program coordinates (`Edit.cell` is not looked at). Raises `EditError`.
        """
        ...
