"""Trees made of parts: what an edit leaves alone keeps its nodes, and a long text is parsed bit by bit.

A module is cut between its top-level statements, where nothing but empty lines and comments at the margin stands
between two of them. The pieces that changed are parsed together. If they parse, the whole text does, and to the same tree: whole
statements stand before and after them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import libcst as cst

from peftlint.semantics.trees import parse_module

Statement = cst.BaseCompoundStatement | cst.SimpleStatementLine
#: texts of more lines are parsed in parts, of at least so many lines each
LONG, PART = 2000, 500


@dataclass(frozen=True)
class Piece:
    """Top-level statements that are parsed together, with the lines before them; of the last one also those after."""

    lines: int
    statements: tuple[Statement, ...]
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
        lines, module = code.split("\n"), parse(code)
        return cls(lines, module, _pieces(lines, module.body))

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
                part = parse_module(text)
            except Exception:  # also the bare exceptions of the native parser: the whole text is to be judged
                return None
            # a line that goes on (backslash) at the end of the part is not given back as it is
            if not _alike(self.module, part, region) or part.code != text:
                return None
            if not after or not part.footer:
                break
            last += 1  # lines at the end belong to the statement after them
        everything = (*before, *_pieces(region, _opened(part) if before else part.body), *after)
        if not _sets_indentation(everything, self.module.default_indent):
            return None
        module = self.module.with_changes(
            body=[statement for piece in everything for statement in piece.statements],
            header=self.module.header if before else part.header,
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


def _sets_indentation(pieces: Sequence[Piece], default: str) -> bool:
    """Is this the default of a module of these pieces? The first block sets it, and four spaces where there is none."""
    for piece in pieces:
        for statement in piece.statements:
            body = getattr(statement, "body", None)
            if isinstance(body, cst.IndentedBlock):
                return body.indent is None
    return default == "    "


def _begins_statement(line: str) -> bool:
    return line[:1] not in ("", " ", "\t", "\r", "#")


def _pieces(lines: list[str], body: Sequence[Statement]) -> tuple[Piece, ...]:
    cuts = _cuts(lines)
    if not body or sum(count for _, count in cuts) != len(body):
        return (Piece(len(lines), tuple(body)),)
    rest = iter(body)
    return tuple(Piece(length, tuple(islice(rest, count))) for length, count in cuts)


def _cuts(lines: list[str]) -> list[tuple[int, int]]:
    """The places between statements where a module may be cut: lines and statements of each piece; empty if unknown."""
    text = "\n".join(lines)
    if "\r" in (text + "\n").replace("\r\n", "\n"):  # a line break for Python, none here
        return []
    try:
        spans = list(_spans(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # syntax of a later Python
        return []
    cuts: list[tuple[int, int]] = []
    start = begun = 0
    for index, (_, end) in enumerate(spans):
        if index + 1 < len(spans):
            between = lines[end : spans[index + 1][0] - 1]
            goes_on = lines[end - 1].rstrip("\r").endswith("\\")  # into an empty line
            if goes_on or any(line.strip("\r") and not line.startswith("#") for line in between):
                continue
        else:
            end = len(lines)
        cuts.append((end - start, index + 1 - begun))
        start, begun = end, index + 1
    return cuts


def parse(code: str) -> cst.Module:
    """The tree of the text; a long one is parsed in parts, which takes a third of the memory, and less time.

    Raises what `libcst.parse_module` raises.
    """
    if code.count("\n") < LONG:
        return parse_module(code)
    lines = code.split("\n")
    whole: cst.Module | None = None
    body: list[Statement] = []
    start = 0
    for end, last in _parts(_cuts(lines)):
        text = "\n".join(lines[start:end]) + ("" if last else "\n")
        try:
            part = parse_module(text)
        except (
            Exception
        ):  # also the bare exceptions of the native parser, which is to say where in the whole text
            return parse_module(code)
        if whole is not None and not _alike(whole, part, lines[start:end]):
            return parse_module(code)
        body += _opened(part) if whole is not None else part.body
        whole = (whole or part).with_changes(
            footer=part.footer, has_trailing_newline=part.has_trailing_newline
        )
        if part.footer and not last:
            return parse_module(code)
        start = end
    return whole.with_changes(body=body) if whole is not None and body else parse_module(code)


def _parts(cuts: list[tuple[int, int]]) -> Iterator[tuple[int, bool]]:
    """Where each part of some size ends (number of lines), and whether it is the last."""
    end = done = 0
    for index, (lines, _) in enumerate(cuts):
        end += lines
        last = index == len(cuts) - 1
        if end - done >= PART or last:
            yield end, last
            done = end


def _opened(part: cst.Module) -> list[Statement]:
    """The statements of a part for the middle of a module: what stands before them is theirs."""
    first, *others = part.body
    return [first.with_changes(leading_lines=[*part.header, *first.leading_lines]), *others]


def _alike(whole: cst.Module, part: cst.Module, lines: Sequence[str]) -> bool:
    """Does a part mean the same by what it leaves to the module: its indentation and line breaks?"""
    indented = any(line[:1] in (" ", "\t") for line in lines)
    return bool(part.body) and (
        part.default_newline == whole.default_newline
        and (not indented or part.default_indent == whole.default_indent)
    )


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
