"""Where nodes stand in the code: computed for the statement around a node, not for the whole source.

libcst tells positions only by writing out a whole module, at twice the cost of parsing it. Here only one statement
(or one method) is written out; its line in the code is known from the standard library's tree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Span

if TYPE_CHECKING:
    from libcst.metadata import CodeRange

    from peftlint.semantics.syntax import Syntax

#: the line of a statement, and of each statement of its body if it is a class
Start = tuple[int, tuple[int, ...]]


def starts_of(tree: ast.Module) -> list[Start]:
    """The lines of the statements of a module (of a decorated one, that of its `def` or `class`)."""
    return [
        (node.lineno, tuple(n.lineno for n in node.body) if isinstance(node, ast.ClassDef) else ())
        for node in tree.body
    ]


class Positions:
    """Spans of the nodes of one source."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._module = syntax.module
        self._known: dict[cst.CSTNode, Span] = {}
        self._measured: set[cst.CSTNode] = set()
        self._lines = self._lines_of(self._module.body, syntax.starts)
        self._whole = False

    def span(self, node: cst.CSTNode) -> Span:
        """Raises `KeyError` if the node is no part of the source."""
        found = self._known.get(node)
        if found is None and not self._whole:
            self._measure(node)
            found = self._known.get(node)
            if found is None:
                self._measure_all()
        return self._known[node] if found is None else found

    def _lines_of(
        self, statements: Sequence[cst.CSTNode], starts: Sequence[Start]
    ) -> dict[cst.CSTNode, Start]:
        """The line of each statement; a line of several simple ones counts once in libcst."""
        lines: dict[cst.CSTNode, Start] = {}
        index = 0
        for statement in statements:
            if index >= len(starts):
                return {}
            lines[statement] = starts[index]
            index += len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
        return lines if index == len(starts) else {}

    def _measure(self, node: cst.CSTNode) -> None:
        above: list[cst.CSTNode] = []
        current: cst.CSTNode | None = node
        while current is not None and current is not self._module:
            above.append(current)
            current = self._syntax.parent(current)
        if current is None or not above:
            return
        top = above[-1]
        start = self._lines.get(top)
        if start is None:
            return
        if isinstance(top, cst.ClassDef) and len(above) > 2 and isinstance(top.body, cst.IndentedBlock):
            member = above[-3]
            line = self._lines_of(top.body.body, [(line, ()) for line in start[1]]).get(member)
            if line is not None:
                if member not in self._measured:
                    body = top.body.with_changes(body=[member])
                    self._write_out(cst.ClassDef(name=cst.Name("_"), body=body), member, line[0])
                return
        if top not in self._measured:
            self._write_out(top, top, start[0])

    def _write_out(self, statement: cst.CSTNode, wanted: cst.CSTNode, line: int) -> None:
        self._measured.add(wanted)
        ranges = self._ranges(
            cst.Module(
                body=[statement],  # type: ignore[list-item]
                default_indent=self._module.default_indent,
                default_newline=self._module.default_newline,
            )
        )
        first = wanted.body[0] if isinstance(wanted, cst.SimpleStatementLine) else wanted
        self._note(ranges.items(), line - ranges[first].start.line)

    def _measure_all(self) -> None:
        self._whole = True
        self._note(self._ranges(self._module).items(), 0)

    def _ranges(self, module: cst.Module) -> Mapping[cst.CSTNode, CodeRange]:
        from libcst.metadata import MetadataWrapper, PositionProvider

        return MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)

    def _note(self, ranges: Iterable[tuple[cst.CSTNode, CodeRange]], offset: int) -> None:
        for node, where in ranges:
            start, end = where.start, where.end
            self._known[node] = Span(start.line + offset, start.column + 1, end.line + offset, end.column + 1)
