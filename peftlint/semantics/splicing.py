"""Trees of texts that are edited: what an edit leaves alone keeps its nodes, and only the rest is parsed.

A module is cut between its top-level statements, where nothing but empty lines and comments at the margin stands
between two of them. The pieces that changed are parsed together. If they parse, the whole text does, and to the same tree: whole
statements stand before and after them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst


@dataclass(frozen=True)
class Piece:
    """Top-level statements that are parsed together, with the lines before them; of the last one also those after."""

    lines: int
    statements: tuple[cst.BaseCompoundStatement | cst.SimpleStatementLine, ...]
    #: node -> the node around it, below the statements; filled when first asked for
    parents: dict[cst.CSTNode, cst.CSTNode] = field(default_factory=dict)


@dataclass(frozen=True)
class Tree:
    """A parsed text."""

    lines: list[str]
    module: cst.Module
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, code: str) -> Tree:
        """Raises what `libcst.parse_module` raises."""
        return _cut(code.split("\n"), cst.parse_module(code))

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each piece."""
        found, start = [], 0
        for piece in self.pieces:
            found.append("\n".join(self.lines[start : start + piece.lines]) + "\n")
            start += piece.lines
        return tuple(found)

    def edited(self, code: str) -> Tree:
        """The tree of another text; the more they have in common, the sooner. Raises what the parser raises."""
        lines = code.split("\n")
        spliced = self._spliced(lines)
        return spliced if spliced is not None else Tree.of(code)

    def _spliced(self, lines: list[str]) -> Tree | None:
        """None where only parsing the whole text tells."""
        first, last = self._touched(lines)
        while True:
            before, after = self.pieces[:first], self.pieces[last:]
            start = sum(piece.lines for piece in before)
            region = lines[start : len(lines) - sum(piece.lines for piece in after)]
            text = "\n".join(region) + ("\n" if after else "")
            try:
                part = cst.parse_module(text)
            except Exception:  # also the bare exceptions of the native parser: the whole text is to be judged
                return None
            # a line that goes on (backslash) at the end of the part is not given back as it is
            if not part.body or not self._alike(part, region) or part.code != text:
                return None
            if not after or not part.footer:
                break
            last += 1  # lines at the end belong to the statement after them
        cut = _cut(region, part)
        pieces = list(cut.pieces)
        header = part.header
        if before:
            opening = part.body[0].with_changes(leading_lines=[*part.header, *part.body[0].leading_lines])
            pieces[0] = Piece(pieces[0].lines, (opening, *pieces[0].statements[1:]))
            header = self.module.header
        everything = (*before, *pieces, *after)
        module = self.module.with_changes(
            body=[statement for piece in everything for statement in piece.statements],
            header=header,
            footer=self.module.footer if after else part.footer,
            has_trailing_newline=self.module.has_trailing_newline if after else part.has_trailing_newline,
        )
        return Tree(lines, module, everything)

    def _touched(self, lines: list[str]) -> tuple[int, int]:
        """The pieces that have changed, with the one before if the change is above the first statement of its piece."""
        old = self.lines
        most = min(len(old), len(lines))
        same = next((i for i in range(most) if old[i] != lines[i]), most)
        most -= same
        tail = next((i for i in range(most) if old[-1 - i] != lines[-1 - i]), most)
        first = start = 0
        while first < len(self.pieces) - 1 and start + self.pieces[first].lines <= same:
            start += self.pieces[first].lines
            first += 1
        if first and not any(_begins_statement(line) for line in old[start:same]):
            first -= 1
        last, end = len(self.pieces), len(old)
        while last > first + 1 and end - self.pieces[last - 1].lines >= len(old) - tail:
            last -= 1
            end -= self.pieces[last].lines
        return first, last

    def _alike(self, part: cst.Module, region: Sequence[str]) -> bool:
        """Does a part mean the same by what it leaves to the module: its indentation and line breaks?"""
        indented = any(line[:1] in (" ", "\t") for line in region)
        return part.default_newline == self.module.default_newline and (
            not indented or part.default_indent == self.module.default_indent
        )


def _begins_statement(line: str) -> bool:
    return line[:1] not in ("", " ", "\t", "\r", "#")


def _cut(lines: list[str], module: cst.Module) -> Tree:
    """The tree with the pieces that its statements make; one piece if it cannot be cut."""
    body = tuple(module.body)
    one = Tree(lines, module, (Piece(len(lines), body),))
    try:
        spans = list(_spans(ast.parse("\n".join(lines))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # syntax of a later Python
        return one
    if len(spans) != len(body) or not body:
        return one
    pieces: list[Piece] = []
    start = begun = 0
    for index, (_, end) in enumerate(spans):
        if index + 1 < len(spans):
            between = lines[end : spans[index + 1][0] - 1]
            goes_on = lines[end - 1].rstrip("\r").endswith("\\")  # into an empty line
            if goes_on or any(line.strip("\r") and not line.startswith("#") for line in between):
                continue
        else:
            end = len(lines)
        pieces.append(Piece(end - start, body[begun : index + 1]))
        start, begun = end, index + 1
    return Tree(lines, module, tuple(pieces))


def _spans(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line (1-based) of each statement of libcst: simple ones on one line are one."""
    first = last = 0
    for node in tree.body:
        decorators = getattr(node, "decorator_list", ())
        start = min([node.lineno, *(each.lineno for each in decorators)])
        if last and start > last:
            yield first, last
            first = start
        first = first or start
        last = node.end_lineno or start
    if last:
        yield first, last


#: the trees of texts that are being edited, by path
_kept: dict[str, Tree | None] = {}


def keep(path: str) -> None:
    """From now on the tree of this file's latest text is kept for the next one."""
    _kept.setdefault(path, None)


def forget(path: str) -> None:
    """The file is not edited any more."""
    _kept.pop(path, None)


def kept(path: str, code: str) -> Tree | None:
    """The tree of the text if its file is being edited. Raises what `libcst.parse_module` raises."""
    if path not in _kept:
        return None
    known = _kept[path]
    tree = Tree.of(code) if known is None else known.edited(code)
    _kept[path] = tree
    return tree
