"""Codemods of statements: insert before or after, delete; `blocks` has those of `with`.

A statement may be given by any node in it. One-line suites (`if x: f()`) and lines with semicolons are kept
as they are where a simple statement is added, and opened up into lines where a compound one asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst

from peftlint.diagnostics import Edit
from peftlint.fixes.text import (
    Syntax,
    comment_offsets,
    edit,
    indent_at,
    line_end,
    line_start,
    next_line,
    node_offsets,
)
from peftlint.sources.text import BREAK

_COMPOUND = re.compile(r"(?:with|for|if|while|try|def|class|async|match)\b.*:[ \t]*(?:#.*)?$")
_TO_A_TOOL = re.compile(
    r"#\s*(?:noqa|nosec|type:|fmt:|isort:|pragma:|(?:mypy|pyright|pylint|ruff|peftlint):)", re.I
)


@dataclass(frozen=True)
class Place:
    """A statement in its surroundings.

    `statement` is the small statement, the line of them, or the compound one. `[start, end)` is its range,
    decorators and all of its body included. `before` / `after` are the small statements next to it in the
    same line, `suite` is the offset just after the colon if it stands in a one-line suite.
    """

    statement: cst.CSTNode
    holder: cst.CSTNode
    start: int
    end: int
    before: cst.CSTNode | None = None
    after: cst.CSTNode | None = None
    suite: int | None = None


def place_of(syntax: Syntax, node: cst.CSTNode) -> Place:
    """The statement that the node belongs to. An `elif` stands for its whole `if`.

    Raises `ValueError` for a node outside every statement.
    """
    current: cst.CSTNode | None = node
    if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        start, end = node_offsets(syntax, node.body[0])[0], node_offsets(syntax, node.body[-1])[1]
        return Place(node, node, start, end, suite=_colon(syntax, node))
    while current is not None and not isinstance(current, cst.BaseSmallStatement | cst.BaseCompoundStatement):
        current = syntax.parent(current)
    if current is None:
        raise ValueError("the node is not part of a statement")
    parent = syntax.parent(current)
    while isinstance(current, cst.If) and isinstance(parent, cst.If) and parent.orelse is current:
        current, parent = parent, syntax.parent(parent)
    assert parent is not None
    if isinstance(current, cst.BaseCompoundStatement):
        return Place(current, parent, compound_start(syntax, current), body_end(syntax, current))
    assert isinstance(parent, cst.SimpleStatementLine | cst.SimpleStatementSuite)
    index = next(at for at, small in enumerate(parent.body) if small is current)
    return Place(
        current,
        parent,
        *node_offsets(syntax, current),
        before=parent.body[index - 1] if index else None,
        after=parent.body[index + 1] if index + 1 < len(parent.body) else None,
        suite=_colon(syntax, parent),
    )


def _colon(syntax: Syntax, holder: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> int | None:
    """The offset after the colon of a one-line suite."""
    if isinstance(holder, cst.SimpleStatementLine):
        return None
    return syntax.code.rindex(":", 0, node_offsets(syntax, holder.body[0])[0]) + 1


def compound_start(syntax: Syntax, statement: cst.CSTNode) -> int:
    """Where the statement starts, its decorators included."""
    start = node_offsets(syntax, statement)[0]
    if isinstance(statement, cst.FunctionDef | cst.ClassDef) and statement.decorators:
        return min(start, node_offsets(syntax, statement.decorators[0])[0])
    return start


def body_end(syntax: Syntax, statement: cst.CSTNode) -> int:
    """Where the last statement in the compound statement ends."""
    end = 0
    pending: list[cst.CSTNode] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.BaseSmallStatement):
            end = max(end, node_offsets(syntax, node)[1])
        else:
            pending.extend(node.children)
    return end


def _indented(syntax: Syntax, text: str, indent: str) -> str:
    """The text with the module's line breaks and indentation; its own steps are four spaces each."""
    unit = syntax.module.default_indent
    lines = []
    for line in BREAK.split(text):
        stripped = line.lstrip(" ")
        steps, rest = divmod(len(line) - len(stripped), 4)
        lines.append(indent + unit * steps + " " * rest + stripped if stripped else "")
    return syntax.module.default_newline.join(lines)


def _is_simple(text: str) -> bool:
    return not BREAK.search(text) and not _COMPOUND.match(text)


def separator(syntax: Syntax, left: cst.CSTNode, right: cst.CSTNode) -> tuple[int, int]:
    """The semicolon and blanks between two small statements of a line."""
    return node_offsets(syntax, left)[1], node_offsets(syntax, right)[0]


def inner_indent(syntax: Syntax, place: Place) -> str:
    """The indentation of the statement, if it (or its line) had a line of its own."""
    outer = indent_at(syntax.code, _logical_start(syntax, place))
    return outer + syntax.module.default_indent if place.suite is not None else outer


def _logical_start(syntax: Syntax, place: Place) -> int:
    """Where the logical line starts that the statement stands in."""
    if place.suite is None:
        holder = place.holder
        if isinstance(holder, cst.SimpleStatementLine):
            return node_offsets(syntax, holder.body[0])[0]
        return place.start
    owner: cst.CSTNode | None = syntax.parent(place.holder)
    assert owner is not None
    return node_offsets(syntax, owner)[0]


def insert_statement_before(syntax: Syntax, node: cst.CSTNode, text: str) -> list[Edit]:
    """Insert `text` (one or more statements, steps of four spaces) before the statement of `node`."""
    place = place_of(syntax, node)
    indent = inner_indent(syntax, place)
    newline = syntax.module.default_newline
    if place.before is None and place.suite is None:
        at = line_start(syntax.code, place.start)
        return [edit(syntax, at, at, _indented(syntax, text, indent) + newline)]
    if _is_simple(text):
        return [edit(syntax, place.start, place.start, text + "; ")]
    start, end = gap_before(syntax, place)
    edits = opened_suite(syntax, place, indent) if place.before is not None else []
    return [*edits, edit(syntax, start, end, newline + _indented(syntax, text, indent) + newline + indent)]


def opened_suite(syntax: Syntax, place: Place, indent: str) -> list[Edit]:
    """The break that puts the first statement of a one-line suite on a line of its own."""
    if place.suite is None:
        return []
    assert isinstance(place.holder, cst.SimpleStatementSuite)
    first = node_offsets(syntax, place.holder.body[0])[0]
    return [edit(syntax, place.suite, first, syntax.module.default_newline + indent)]


def gap_before(syntax: Syntax, place: Place) -> tuple[int, int]:
    """What stands between the statement and what comes before it in its line."""
    if place.before is not None:
        return separator(syntax, place.before, place.statement)
    assert place.suite is not None
    return place.suite, place.start


def insert_statement_after(syntax: Syntax, node: cst.CSTNode, text: str) -> list[Edit]:
    """Insert `text` (one or more statements, steps of four spaces) after the statement of `node`.

    After a compound statement it follows the whole of it. A comment at the end of the line stays there.
    """
    place = place_of(syntax, node)
    indent = inner_indent(syntax, place)
    newline = syntax.module.default_newline
    if _is_simple(text):
        if place.after is not None:
            start = node_offsets(syntax, place.after)[0]
            return [edit(syntax, start, start, text + "; ")]
        if place.suite is not None:
            return [edit(syntax, place.end, place.end, "; " + text)]
    block = _indented(syntax, text, indent)
    edits = opened_suite(syntax, place, indent)
    if place.after is not None:
        start, end = separator(syntax, place.statement, place.after)
        edits.append(edit(syntax, start, end, newline + block + newline + indent))
    else:
        at = line_end(syntax.code, place.end)
        edits.append(edit(syntax, at, at, newline + block))
    return edits


def delete_statement(syntax: Syntax, node: cst.CSTNode, comments: bool = True) -> list[Edit]:
    """Delete the statement of `node`, with its line where it has one; `pass` where the block needs one.

    Comments above it stay. With `comments`, those in it and at the end of its line take its place, but for what they
    say to a tool about it (`# noqa`, `# type: ignore`); those that go all the same `loses_comment` finds.
    """
    place = place_of(syntax, node)
    code, newline = syntax.code, syntax.module.default_newline
    if place.after is not None:
        return [edit(syntax, place.start, node_offsets(syntax, place.after)[0], "")]
    if place.before is not None:
        return [edit(syntax, node_offsets(syntax, place.before)[1], place.end, "")]
    block = syntax.parent(place.holder) if isinstance(place.holder, cst.SimpleStatementLine) else place.holder
    if place.suite is not None or (isinstance(block, cst.IndentedBlock) and len(block.body) == 1):
        indent = code[line_start(code, place.start) : place.start]
        inside = _comments_in(syntax, place.start, place.end) if comments and place.suite is None else []
        return [edit(syntax, place.start, place.end, "".join(c + newline + indent for c in inside) + "pass")]
    start, end = line_start(code, place.start), next_line(code, place.end)
    kept = _comments_in(syntax, start, end) if comments else []
    if kept:
        indent = code[start : place.start]
        stop = line_end(code, place.end)
        return [edit(syntax, start, stop, newline.join(indent + comment for comment in kept))]
    if end == len(code) and not code.endswith(("\n", "\r")) and start:
        # the last line of a file without a final line break: the break before it goes
        start -= 2 if code.startswith("\r\n", start - 2) else 1
    return [edit(syntax, start, end, "")]


def _comments_in(syntax: Syntax, start: int, end: int) -> list[str]:
    return [
        comment
        for at, comment in comment_offsets(syntax)
        if start <= at < end and not _TO_A_TOOL.match(comment)
    ]
