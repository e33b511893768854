"""Lines, positions and splices of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
BREAK = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Lines with their ends, broken where Python breaks them (str.splitlines also breaks at form feeds)."""
    return _LINE.findall(text)


def without_break(line: str) -> str:
    return line.rstrip("\r\n")


class Positions:
    """Offsets (characters, 0-based) of positions in a text and back; lines are 1-based, columns 0-based."""

    def __init__(self, text: str) -> None:
        self.text = text
        lines = split_lines(text)
        self._starts = [0, *accumulate(map(len, lines))]
        if not lines or lines[-1].endswith(("\n", "\r")):
            self._starts.append(len(text))
        self.count = len(self._starts) - 1

    def offset(self, line: int, column: int) -> int:
        """Raises `ValueError` if the text has no such position."""
        if not 1 <= line <= self.count or column < 0:
            raise ValueError(f"no line {line}, column {column + 1}")
        offset = self._starts[line - 1] + column
        if offset > self._starts[line]:
            raise ValueError(f"line {line} has no column {column + 1}")
        return offset

    def position(self, offset: int) -> tuple[int, int]:
        from bisect import bisect_right

        line = min(bisect_right(self._starts, offset), self.count)
        return line, offset - self._starts[line - 1]


def spliced(text: str, splices: Iterable[tuple[int, int, str]]) -> str:
    """The text with each [start, end) replaced; the splices are in order and do not overlap.

    Raises `ValueError` if they do.
    """
    parts: list[str] = []
    done = 0
    for start, end, new in splices:
        if start < done or end < start:
            raise ValueError("the edits overlap")
        parts += text[done:start], new
        done = end
    return "".join([*parts, text[done:]])
