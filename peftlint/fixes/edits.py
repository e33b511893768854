"""Applying edits to a text: which edits of several fixes go together, and where positions move to.

Edits are in the coordinates of one program text. A fix's edits are applied all together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from peftlint.diagnostics import Edit, Span
from peftlint.sources.text import Positions, spliced

_NEW_IMPORT = re.compile(
    r"(?P<before>(?:\r\n|\r|\n)*)"
    r"from[ ](?P<module>[.\w]+)[ ]import[ ](?P<names>[\w, ]+?)"
    r"(?P<after>(?:\r\n|\r|\n)*)"
)

#: path of the file and index of the program in it
Program = tuple[str, int]


@dataclass(frozen=True, order=True)
class Change:
    """Replace the characters [start, end) of a text by `text`."""

    start: int
    end: int
    text: str

    @property
    def inserts(self) -> bool:
        return self.start == self.end


def changes_of(code: str, edits: Iterable[Edit]) -> list[Change]:
    """The edits by offset, in the order of the text; edits at one point stay in the order given.

    Raises `ValueError` if one lies outside the text or two overlap.
    """
    places = Positions(code)
    changes = [_change(places, edit.span, edit.text) for edit in edits]
    changes.sort(key=lambda change: (change.start, change.end))
    for left, right in pairwise(changes):
        if right.start < left.end:
            raise ValueError("the edits of a fix overlap")
    return changes


def _change(places: Positions, span: Span, text: str) -> Change:
    start = places.offset(span.line, span.column - 1)
    end = places.offset(span.end_line, span.end_column - 1)
    if end < start:
        raise ValueError("an edit ends before it starts")
    return Change(start, end, text)


def apply_edits(code: str, edits: Iterable[Edit]) -> str:
    """The text after the edits. Raises `ValueError` if one lies outside the text or two overlap."""
    return apply_changes(code, changes_of(code, edits))


def apply_changes(code: str, changes: Iterable[Change]) -> str:
    """The text after the changes, which are in order and do not overlap."""
    return spliced(code, ((change.start, change.end, change.text) for change in changes))


class Changes:
    """Changes of several fixes that go together, by program (a path and the index of the program in the
    file).

    A change that another fix makes too is made once. Insertions at one point follow each other in the order
    of the fixes; two new import lines from one module become one.
    """

    def __init__(self) -> None:
        self._by_program: dict[Program, list[Change]] = {}

    def add(self, group: Mapping[Program, Sequence[Change]]) -> bool:
        """Add the changes of a fix. False, and nothing is added, if one overlaps or touches what is there."""
        for program, changes in group.items():
            there = self._by_program.get(program, [])
            if any(_conflict(change, other) for change in changes for other in there):
                return False
        for program, changes in group.items():
            for change in changes:
                _add(self._by_program.setdefault(program, []), change)
        return True

    @property
    def programs(self) -> list[Program]:
        return list(self._by_program)

    def of(self, program: Program) -> list[Change]:
        """In the order of the text."""
        # sorting is stable: insertions at one point stay in the order of the fixes
        return sorted(self._by_program.get(program, ()), key=lambda change: (change.start, change.end))

    def moved(self, program: Program, offset: int) -> int:
        """Where the character at `offset` of the old text is in the new one."""
        return moved(self.of(program), offset)


def _conflict(change: Change, other: Change) -> bool:
    if change == other:
        return False
    if change.inserts and other.inserts:
        return False
    if change.inserts or other.inserts:
        # an insertion at the edge of what another fix replaces could mean before or after: it waits
        return change.start <= other.end and other.start <= change.end
    return change.start < other.end and other.start < change.end


def _add(chosen: list[Change], change: Change) -> None:
    if change in chosen:
        return
    new = _NEW_IMPORT.fullmatch(change.text) if change.inserts else None
    for index, other in enumerate(chosen):
        if new is None or other.start != change.start or not other.inserts:
            continue
        there = _NEW_IMPORT.fullmatch(other.text)
        if there is not None and there.group("before", "module", "after") == new.group(
            "before", "module", "after"
        ):
            names = list(dict.fromkeys(re.split(r",\s*", f"{there['names']}, {new['names']}")))
            text = f"{new['before']}from {new['module']} import {', '.join(names)}{new['after']}"
            chosen[index] = Change(change.start, change.end, text)
            return
    chosen.append(change)


def moved(changes: Sequence[Change], offset: int) -> int:
    """Where the character at `offset` of the old text is in the new one; the start of the new text if
    replaced.
    """
    shift = 0
    for change in changes:
        if change.start > offset or (change.start == offset and not change.inserts):
            break
        if change.end > offset:
            return change.start + shift
        shift += len(change.text) - (change.end - change.start)
    return offset + shift


def written_ranges(changes: Iterable[Change]) -> list[tuple[int, int]]:
    """Where the texts of the changes stand in the new text; an empty range where something was only taken away."""
    shift = 0
    ranges = []
    for change in changes:
        ranges.append((change.start + shift, change.start + shift + len(change.text)))
        shift += len(change.text) - (change.end - change.start)
    return ranges


def edits_of(path: str, code: str, changes: Iterable[Change]) -> list[Edit]:
    """The changes as edits, in the coordinates of the code."""
    places = Positions(code)
    edits = []
    for change in changes:
        (line, column), (end_line, end_column) = places.position(change.start), places.position(change.end)
        edits.append(Edit(Span(line, column + 1, end_line, end_column + 1), change.text, path))
    return edits
