"""Codemods of `with` blocks around statements that stand there."""

from __future__ import annotations

import libcst as cst

from peftlint.diagnostics import Edit
from peftlint.fixes.statements import Place, gap_before, inner_indent, opened_suite, place_of, separator
from peftlint.fixes.text import Syntax, edit, line_end, line_start, next_line, node_offsets
from peftlint.sources.text import BREAK

_MULTILINE = (cst.SimpleString, cst.FormattedString, cst.TemplatedString)


def wrap_statements_in_with(syntax: Syntax, first: cst.CSTNode, last: cst.CSTNode, header: str) -> list[Edit]:
    """Put the statements from that of `first` to that of `last` under `header` (`with model.f():`).

    The lines are indented one step more; the inside of strings over several lines does not change. Raises
    `ValueError` if the two statements are not in one block.
    """
    begin, finish = place_of(syntax, first), place_of(syntax, last)
    code, newline = syntax.code, syntax.module.default_newline
    if _block(syntax, begin) is not _block(syntax, finish) or begin.start > finish.start:
        raise ValueError("the statements are not in one block")
    indent = inner_indent(syntax, begin)
    unit = syntax.module.default_indent
    edits = []
    if begin.before is None and begin.suite is None:
        at = line_start(code, begin.start)
        edits.append(edit(syntax, at, at, indent + header + newline + unit))
    else:
        start, end = gap_before(syntax, begin)
        if begin.before is not None:
            edits += opened_suite(syntax, begin, indent)
        edits.append(edit(syntax, start, end, newline + indent + header + newline + indent + unit))
    edits += _indented(syntax, begin, finish, next_line(code, begin.start))
    if finish.after is not None:
        start, end = separator(syntax, finish.statement, finish.after)
        edits.append(edit(syntax, start, end, newline + indent))
    return edits


def statement_to_with(syntax: Syntax, statement: cst.SimpleStatementLine, last: cst.CSTNode) -> list[Edit]:
    """`f()` becomes `with f():`, around what follows it in its block up to the statement of `last`.

    Raises `ValueError` if `statement` is more than an expression, nothing follows it, or `last` shares its line with others.
    """
    begin, finish = place_of(syntax, statement), place_of(syntax, last)
    if len(statement.body) != 1 or not isinstance(statement.body[0], cst.Expr):
        raise ValueError("the statement is no expression alone")
    if _block(syntax, begin) is not _block(syntax, finish) or begin.start >= finish.start or finish.after:
        raise ValueError("the statements are not lines of one block, in this order")
    return [
        edit(syntax, begin.start, begin.start, "with "),
        edit(syntax, begin.end, begin.end, ":"),
        *_indented(syntax, begin, finish, next_line(syntax.code, begin.end)),
    ]


def _indented(syntax: Syntax, begin: Place, finish: Place, at: int) -> list[Edit]:
    """Each line from the offset `at` to the end of `finish` one step further in."""
    code = syntax.code
    edits = []
    inside = _string_insides(syntax, _block(syntax, begin), begin.start, finish.end)
    while begin.start < at < finish.end:
        blank = not code[at : line_end(code, at)].strip()
        if not blank and not any(start < at <= end for start, end in inside):
            edits.append(edit(syntax, at, at, syntax.module.default_indent))
        following = next_line(code, at)
        if following == at:
            break
        at = following
    return edits


def _block(syntax: Syntax, place: Place) -> cst.CSTNode | None:
    if isinstance(place.holder, cst.SimpleStatementLine):
        return syntax.parent(place.holder)
    return place.holder


def _string_insides(syntax: Syntax, block: cst.CSTNode | None, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges of the strings between two offsets that go over several lines."""
    if not isinstance(block, cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite):
        return []
    found = []
    pending: list[cst.CSTNode] = list(block.body)
    while pending:
        node = pending.pop()
        if not isinstance(node, _MULTILINE):
            pending.extend(node.children)
            continue
        first, stop = node_offsets(syntax, node)
        if start <= first and stop <= end and BREAK.search(syntax.code, first, stop):
            found.append((first, stop))
    return found
