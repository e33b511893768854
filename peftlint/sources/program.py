"""A program text put together from lines of a file, and the way back from edits of it to the file.

Each line of the program remembers which line of its container (the file, or a notebook's cell) it is, how
many columns were cut off at its left (a doctest's prompt, the indentation of a fence), and which of its
columns stand in for something else (a magic that was masked). Python files, notebooks and pages share this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from peftlint.diagnostics import Edit, Span
from peftlint.sources.base import EditError, Location
from peftlint.sources.text import BREAK, without_break

#: a line of a doctest that goes on with the statement before it
_CONTINUES = re.compile(r"[ \t)\]}]|(?:else|elif|except|finally)\b|$")
ENDLESS = 1 << 30


@dataclass(frozen=True)
class Line:
    """One line of a program text, `text`, which ends with its line break.

    `number` (1-based) and `width` (characters) are those of the line in its container, and `broken` tells
    whether it ends with a break there. Column 0 of the program is column `shift` of the container. `frozen`:
    the columns (0-based) that stand in for other text and take no edit. `margin` is what a line added here
    starts with (with ">>> " at its end for a doctest), `newline` what it ends with, if not as the edit says.
    """

    text: str
    number: int
    width: int
    cell: int | None = None
    shift: int = 0
    frozen: tuple[int, int] | None = None
    margin: str = ""
    newline: str | None = None
    broken: bool = True

    @property
    def length(self) -> int:
        return len(without_break(self.text))

    def column(self, column: int) -> int:
        """The column of the container for a column of the program, both 0-based."""
        if self.frozen is not None and column > self.frozen[0] and self.frozen[1] >= self.length:
            # all to the end of the line is masked
            return self.width if column >= self.length else min(self.shift + column, self.width)
        return self.shift + column

    def refuses(self, start: int, end: int) -> bool:
        """True if an edit of the columns [start, end) would change text that is only a stand-in."""
        if self.frozen is None:
            return False
        first, last = self.frozen
        return first < start < last if start == end else start < last and end > first

    def margin_of(self, line: str) -> str:
        if self.margin.endswith(">>> ") and _CONTINUES.match(line):
            return self.margin[:-4] + ("... " if line else "...")
        return self.margin if line else self.margin.rstrip(" \t")


@dataclass(frozen=True)
class Splice:
    """Replace the text between two places of a container, each a 1-based line and a 0-based column."""

    cell: int | None
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Program:
    """A `Source` made of lines."""

    path: str
    lines: tuple[Line, ...]
    shell_lines: tuple[str, ...] = ()

    @cached_property
    def code(self) -> str:
        return "".join(line.text for line in self.lines)

    def locate(self, span: Span) -> Location:
        """Where in the file the span of the program stands; it is cut at the end of its cell."""
        if not self.lines:
            return Location(None, span)
        first = self.lines[min(span.line, len(self.lines)) - 1]
        last, end_column = first, span.end_column - 1
        for line in self.lines[span.line : span.end_line]:
            if line.cell != first.cell:
                break
            last = line
        reached = self.lines[min(span.end_line, len(self.lines)) - 1]
        if last is not reached or span.end_line > len(self.lines):
            end_column = last.length
        start = (first.number, first.column(min(span.column - 1, first.length)))
        end = max(start, (last.number, last.column(min(end_column, last.length))))
        return Location(first.cell, Span(start[0], start[1] + 1, end[0], end[1] + 1))

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """The edits of the program as splices of its containers, in the order of the text.

        Raises `EditError` if one touches a stand-in or reaches over a gap.
        """
        return [self._splice(edit) for edit in sorted(edits, key=lambda edit: edit.span)]

    def _adjacent(self, number: int) -> bool:
        """True if lines `number` and `number` + 1 of the program follow each other in one container."""
        if not 1 <= number < len(self.lines):
            return False
        line, following = self.lines[number - 1], self.lines[number]
        return line.cell == following.cell and following.number == line.number + 1

    def _splice(self, edit: Edit) -> Splice:
        span, count = edit.span, len(self.lines)
        if not count or span.line > count or span.end_line > count + 1:
            if count and (span.line, span.column) == (span.end_line, span.end_column) == (count + 1, 1):
                return self._appended(edit.text)
            raise EditError(f"the program has no line {span.end_line}")
        start, end = span.column - 1, span.end_column - 1
        last_number, gap = span.end_line, False
        if span.end_line > span.line and end == 0 and not self._adjacent(span.end_line - 1):
            # up to the end of a line after which the container goes on with something else
            last_number, gap = span.end_line - 1, True
            end = self.lines[last_number - 1].length
        self._check(span.line, start, last_number, end)
        first, last = self.lines[span.line - 1], self.lines[last_number - 1]
        if gap and last.broken:
            return _joined(first, start, (last.number + 1, 0), (last.number + 1, 0), edit.text, whole=True)
        if not gap:
            next_line, next_column = (last.number, 0), (last.number, last.column(end))
            return _joined(first, start, next_line, next_column, edit.text, whole=end == 0)
        # the last line of a cell: its break exists only in the program, and cannot be removed or added
        end_of_cell = (last.number, last.width)
        text = (
            edit.text[: -len(BREAK.findall(edit.text)[-1])] if edit.text.endswith(("\n", "\r")) else edit.text
        )
        if not text and start == 0 and self._adjacent(span.line - 1):
            before = self.lines[span.line - 2]
            if not before.width:
                # an empty line is nothing but its break
                return _joined(first, 0, end_of_cell, end_of_cell, "", whole=False)
            return Splice(first.cell, (before.number, before.width), end_of_cell, "")
        return _joined(first, start, end_of_cell, end_of_cell, text, whole=False)

    def _appended(self, text: str) -> Splice:
        last = self.lines[-1]
        if last.broken:
            after = (last.number + 1, 0)
            return _joined(last, 0, after, after, text, whole=True, start_at=after)
        at = (last.number, last.width)
        return _joined(last, last.length, at, at, "\n" + without_break(text), whole=False)

    def _check(self, first: int, start: int, last: int, end: int) -> None:
        for number in range(first, last + 1):
            line = self.lines[number - 1]
            if number < last and not self._adjacent(number):
                raise EditError("the edit reaches over the end of a cell or block")
            if line.refuses(start if number == first else 0, end if number == last else ENDLESS):
                raise EditError("the edit touches a magic command")


def _joined(
    first: Line,
    start: int,
    next_line: tuple[int, int],
    next_column: tuple[int, int],
    text: str,
    whole: bool,
    start_at: tuple[int, int] | None = None,
) -> Splice:
    """Replace from column `start` of `first` by `text`, up to `next_column`; or, if `whole` and the text ends
    with a break, up to the start of the line after it, `next_line`, which keeps its own margin.
    """
    parts = BREAK.split(text)
    breaks = [first.newline or found for found in BREAK.findall(text)]
    whole = whole and not parts[-1]
    if whole and start == 0:
        at = start_at or (first.number, 0)
        lines = [first.margin_of(part) + part + br for part, br in zip(parts, breaks, strict=False)]
        return Splice(first.cell, at, next_line, "".join(lines))
    at = (first.number, first.column(start))
    pieces = [parts[0]]
    for index, (br, part) in enumerate(zip(breaks, parts[1:], strict=True), start=1):
        own_margin = whole and index == len(breaks)
        pieces += br, "" if own_margin else first.margin_of(part) + part
    return Splice(first.cell, at, next_line if whole and breaks else next_column, "".join(pieces))
