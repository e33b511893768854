"""Adding to and removing from a list of items between commas: arguments of a call, names of an import.

The style of the list is kept: one line or one item a line, trailing comma or none, comments where they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from peftlint.diagnostics import Edit
from peftlint.fixes.text import Syntax, edit, line_end, line_start, next_line, skip_trivia

Range = tuple[int, int]


def _blank(text: str) -> bool:
    return not text.strip(" \t\f")


def _starts_line(code: str, at: int) -> bool:
    return _blank(code[line_start(code, at) : at])


def _comma_after(code: str, at: int) -> int | None:
    found = skip_trivia(code, at)
    return found if code.startswith(",", found) else None


def _rest_of_line(code: str, at: int) -> str:
    return code[at : line_end(code, at)].strip()


def insert_items(
    syntax: Syntax, items: Sequence[Range], opening: int, texts: Sequence[str], bracketed: bool = True
) -> list[Edit]:
    """Put `texts` after the last of the items, or at offset `opening` if there are none.

    Without brackets around the items nothing is put on a line of its own.
    """
    code = syntax.code
    if not texts:
        return []
    if not items:
        return [edit(syntax, opening, opening, ", ".join(texts))]
    start, end = items[-1]
    own_line = _starts_line(code, start) and line_start(code, opening) != line_start(code, start)
    if not bracketed or not own_line:
        return [edit(syntax, end, end, "".join(f", {text}" for text in texts))]
    newline = syntax.module.default_newline
    between = newline + code[line_start(code, start) : start]
    comma = _comma_after(code, end)
    if comma is not None:
        rest = _rest_of_line(code, comma + 1)
        if not rest or rest.startswith("#"):
            at = line_end(code, comma)
            return [edit(syntax, at, at, "".join(f"{between}{text}," for text in texts))]
    elif _rest_of_line(code, end).startswith("#"):
        at = line_end(code, end)
        added = ",".join(between + text for text in texts)
        return [edit(syntax, end, end, ","), edit(syntax, at, at, added)]
    return [edit(syntax, end, end, "".join(f",{between}{text}" for text in texts))]


def change_items(
    syntax: Syntax,
    items: Sequence[Range],
    opening: int,
    removed: Sequence[int],
    texts: Sequence[str],
    bracketed: bool = True,
) -> list[Edit]:
    """Take out the items `removed` and put `texts` in their places, or at the end if there are more."""
    places = sorted(removed)
    edits = [edit(syntax, *items[index], text) for index, text in zip(places, texts, strict=False)]
    edits += remove_items(syntax, items, places[len(texts) :])
    return edits + insert_items(syntax, items, opening, texts[len(places) :], bracketed)


def remove_items(syntax: Syntax, items: Sequence[Range], indices: Sequence[int]) -> list[Edit]:
    """Take items out, each with its comma, and with its line where it has one for itself."""
    ranges = sorted(_removed(syntax.code, items, index, set(indices)) for index in set(indices))
    merged: list[Range] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [edit(syntax, start, end, "") for start, end in merged]


def _removed(code: str, items: Sequence[Range], index: int, indices: set[int]) -> Range:
    start, end = items[index]
    comma = _comma_after(code, end)
    stop = end if comma is None else comma + 1
    rest = _rest_of_line(code, stop)
    if _starts_line(code, start) and (not rest or rest.startswith("#")) and "#" not in code[end:stop]:
        return line_start(code, start), next_line(code, stop)
    none_before = all(at in indices for at in range(index))
    if any(at not in indices for at in range(index + 1, len(items))):
        following = items[index + 1][0]
        if "#" not in code[stop:following]:
            return start, following
        return start, stop + len(code[stop:]) - len(code[stop:].lstrip(" \t"))
    if index == 0 or "#" in code[items[index - 1][1] : start]:
        return start, stop
    return items[index - 1][1], stop if none_before else end
