"""What fixing a file would change, for a person to read."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator

from peftlint.sources.base import SourceFile


def unified_diff(before: SourceFile, after: SourceFile) -> str:
    """A unified diff, "" if nothing changes. Of a notebook, one for each changed cell, labelled with its
    index.
    """
    old, new = dict(before.texts), dict(after.texts)
    parts: list[str] = []
    for cell, text in old.items():
        label = before.path if cell is None else f"{before.path}:cell {cell}"
        parts += _lines(text, new.get(cell, ""), _one_line(label), is_cell=cell is not None)
    return "".join(parts)


def _lines(old: str, new: str, label: str, is_cell: bool) -> Iterator[str]:
    if old == new:
        return
    for line in difflib.unified_diff(_split(old), _split(new), label, label):
        if line.endswith("\n"):
            yield line
        elif is_cell:
            # the last line of a cell never has a break
            yield line + "\n"
        else:
            yield line + "\n\\ No newline at end of file\n"


def _one_line(label: str) -> str:
    """A name with control characters as git writes it, in quotes: it may not end the line."""
    return label if label.isprintable() else json.dumps(label)


def _split(text: str) -> list[str]:
    """Lines as `patch` counts them: only \\n ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
