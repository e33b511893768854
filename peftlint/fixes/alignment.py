"""Comments that stand below each other at the ends of lines do so after an edit, too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peftlint.diagnostics import Edit
from peftlint.fixes.text import Syntax, comment_offsets, edit, line_end, line_start, next_line, span_offsets

#: blanks before a comment that were put there on purpose
_GAP = re.compile(r" {3,}$")


def aligned(syntax: Syntax, edits: Sequence[Edit]) -> list[Edit]:
    """The edits, with blanks added or taken away before a comment in their line that is in one column with a neighbour's.

    At least two blanks are left. Edits over several lines are left as they are.
    """
    code = syntax.code
    if "#" not in code or any("\n" in one.text or "\r" in one.text for one in edits):
        return list(edits)
    changed: dict[int, int] = {}
    last: dict[int, int] = {}
    for one in edits:
        start, end = span_offsets(code, one.span)
        line = line_start(code, start)
        if end > line_end(code, start):
            return list(edits)
        changed[line] = changed.get(line, 0) + len(one.text) - (end - start)
        last[line] = max(last.get(line, 0), end)
    columns = {line_start(code, at): at - line_start(code, at) for at, _ in comment_offsets(syntax)}
    padding = []
    for line, longer in changed.items():
        column = columns.get(line)
        if column is None or not longer or column not in _neighbours(code, line, columns):
            continue
        at = line + column
        gap = _GAP.search(code, last[line], at)
        if gap is None:
            continue
        if longer < 0:
            padding.append(edit(syntax, at, at, " " * -longer))
        elif less := min(longer, at - gap.start() - 2):
            padding.append(edit(syntax, at - less, at, ""))
    return [*edits, *padding]


def _neighbours(code: str, line: int, columns: dict[int, int]) -> set[int]:
    """The columns of the comments in the lines above and below."""
    above = line_start(code, line - (2 if code.startswith("\r\n", line - 2) else 1)) if line else -1
    return {columns[other] for other in (above, next_line(code, line)) if other in columns and other != line}
