"""Statements with a number that follows them through a transformation.

Each statement's number stands in a comment at the end of its line (`#@7`; of its header, if it has a body), so a
transformation of the tree carries it along. Before the linter sees the text the numbers are taken off.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

TAG = re.compile(r"[ \t]*#@(?P<numbers>[\d,]+)(?=\r?\n|$)")


class _Tagger(cst.CSTTransformer):
    def __init__(self) -> None:
        self.count = 0

    def _next(self, amount: int) -> str:
        numbers = range(self.count, self.count + amount)
        self.count += amount
        return "#@" + ",".join(map(str, numbers))

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        return False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        return updated_node.with_changes(
            trailing_whitespace=with_comment(
                updated_node.trailing_whitespace, self._next(len(updated_node.body))
            )
        )

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.IndentedBlock:
        line = cst.SimpleStatementLine(updated_node.body)
        return cst.IndentedBlock(
            [line.with_changes(trailing_whitespace=with_comment(None, self._next(len(line.body))))]
        )

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(header=with_comment(updated_node.header, self._next(1)))


def with_comment(whitespace: cst.TrailingWhitespace | None, text: str) -> cst.TrailingWhitespace:
    """The end of a line with `text` behind its comment, if it has one."""
    whitespace = whitespace or cst.TrailingWhitespace()
    before = whitespace.comment.value + " " if whitespace.comment is not None else ""
    return whitespace.with_changes(
        whitespace=cst.SimpleWhitespace(whitespace.whitespace.value or "  "),
        comment=cst.Comment(before + text),
    )


def tagged(text: str) -> cst.Module:
    """The program, its statements numbered; one-line suites are given lines of their own."""
    module = cst.parse_module(text)
    return cst.parse_module(module.visit(_Tagger()).code)


def untagged(text: str) -> str:
    return TAG.sub("", text)


@dataclass(frozen=True)
class Places:
    """Which numbered statement stands where in a text."""

    #: (first line, first column, last line, last column, number), the columns from 0
    ranges: Sequence[tuple[int, int, int, int, int]]

    @classmethod
    def of(cls, text: str) -> Places:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
        found: list[tuple[int, int, int, int, int]] = []
        pending: list[cst.CSTNode] = [wrapper.module]
        while pending:
            node = pending.pop()
            pending.extend(node.children)
            if isinstance(node, cst.SimpleStatementLine):
                numbers = _numbers(node.trailing_whitespace.comment)
                for index, small in enumerate(node.body if numbers else ()):
                    span = positions[small]
                    # a statement that was made into several keeps its number in each
                    number = numbers[min(index, len(numbers) - 1)]
                    found.append((span.start.line, span.start.column, span.end.line, span.end.column, number))
            elif isinstance(body := getattr(node, "body", None), cst.IndentedBlock):
                numbers = _numbers(body.header.comment)
                if numbers:
                    span = positions[node]
                    found.append((span.start.line, 0, span.end.line, 10**6, numbers[0]))
        found.sort(key=lambda entry: (entry[0], entry[1]))
        return cls(found)

    def number(self, line: int, column: int) -> int | None:
        """The innermost numbered statement at a position (both from 1)."""
        at = (line, column - 1)
        last = bisect.bisect_right(self.ranges, at, key=lambda entry: (entry[0], entry[1]))
        best: tuple[int, int, int] | None = None
        for first_line, first_column, end_line, end_column, number in self.ranges[:last]:
            if (end_line, end_column) < at:
                continue
            size = (end_line - first_line, end_column - first_column, number)
            if best is None or size < best:
                best = size
        return best[2] if best else None


def _numbers(comment: cst.Comment | None) -> list[int]:
    match = TAG.search(comment.value) if comment is not None else None
    return [int(number) for number in match["numbers"].split(",")] if match else []
