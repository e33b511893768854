"""What every codemod stands on: offsets of nodes, edits from offsets, and the smallest difference.

Offsets are 0-based characters of the program text; spans and edits have 1-based lines and columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol

import libcst as cst

from peftlint.diagnostics import Edit, Span
from peftlint.sources.text import Positions

_TOKEN = re.compile(
    r"""(?:[rbuft]{1,2})?(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"
        |'(?:\\.|[^'\\\r\n])*'|"(?:\\.|[^"\\\r\n])*")
      | \#[^\r\n]* | \r\n|\r|\n | [ \t\f]+ | \w+ | .""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_TRIVIA = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|\#[^\r\n]*)*")
_LINE_REST = re.compile(r"[^\r\n]*")


class Syntax(Protocol):
    """The parsed program that a fix is made for; `peftlint.semantics.syntax.Syntax` is one."""

    @property
    def path(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def module(self) -> cst.Module: ...

    def span(self, node: cst.CSTNode) -> Span: ...

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None: ...


@lru_cache(maxsize=8)
def positions(code: str) -> Positions:
    return Positions(code)


def tokens(text: str) -> list[str]:
    """The text in pieces that a difference does not cut: names, strings, comments, breaks, runs of blanks."""
    return _TOKEN.findall(text)


def span_offsets(code: str, span: Span) -> tuple[int, int]:
    """Raises `ValueError` if the code has no such span."""
    places = positions(code)
    return places.offset(span.line, span.column - 1), places.offset(span.end_line, span.end_column - 1)


def node_offsets(syntax: Syntax, node: cst.CSTNode) -> tuple[int, int]:
    """[start, end) of the node, without the parentheses that an expression itself stands in."""
    return span_offsets(syntax.code, syntax.span(node))


def source_of(syntax: Syntax, node: cst.CSTNode) -> str:
    """The node as it is written, without surrounding parentheses, comments and white space."""
    start, end = node_offsets(syntax, node)
    return syntax.code[start:end]


def edit(syntax: Syntax, start: int, end: int, text: str) -> Edit:
    """Replace the characters [start, end) of the code by the text."""
    places = positions(syntax.code)
    (line, column), (end_line, end_column) = places.position(start), places.position(end)
    return Edit(Span(line, column + 1, end_line, end_column + 1), text, syntax.path)


def line_start(code: str, at: int) -> int:
    return max(code.rfind("\n", 0, at), code.rfind("\r", 0, at)) + 1


def line_end(code: str, at: int) -> int:
    """Offset of the line break (or the end of the code) at or after `at`."""
    match = _LINE_REST.match(code, at)
    return match.end() if match else at


def next_line(code: str, at: int) -> int:
    """Offset of the start of the line after the one of `at`."""
    end = line_end(code, at)
    return end + (2 if code.startswith("\r\n", end) else 1 if end < len(code) else 0)


def indent_at(code: str, at: int) -> str:
    """The white space that the line of `at` starts with."""
    start = line_start(code, at)
    line = code[start : line_end(code, start)]
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def skip_trivia(code: str, at: int) -> int:
    """Over blanks, breaks, continuations and comments."""
    match = _TRIVIA.match(code, at)
    return match.end() if match else at


def smallest_edits(syntax: Syntax, start: int, end: int, new: str) -> list[Edit]:
    """Turn the code of [start, end) into `new` by edits of whole tokens, leaving out all that stays.

    Where the changed part holds a comment or a line break, it is cut further, so that these survive.
    """
    old = tokens(syntax.code[start:end])
    wanted = tokens(new)
    head = 0
    while head < min(len(old), len(wanted)) and old[head] == wanted[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(wanted)) - head and old[-1 - tail] == wanted[-1 - tail]:
        tail += 1
    start += sum(map(len, old[:head]))
    old, wanted = old[head : len(old) - tail], wanted[head : len(wanted) - tail]
    if not old and not wanted:
        return []
    if not any(token[0] in "#\r\n" for token in old):
        return [edit(syntax, start, start + sum(map(len, old)), "".join(wanted))]
    places = [start]
    for token in old:
        places.append(places[-1] + len(token))
    changes = SequenceMatcher(None, old, wanted, autojunk=False).get_opcodes()
    return [
        edit(syntax, places[first], places[last], "".join(wanted[new_first:new_last]))
        for kind, first, last, new_first, new_last in changes
        if kind != "equal"
    ]


def _comments(text: str) -> Counter[str]:
    return Counter(token.rstrip() for token in tokens(text) if token.startswith("#"))


def comment_offsets(syntax: Syntax) -> list[tuple[int, str]]:
    """Offset and text of every comment of the code, in order."""
    found: list[tuple[int, str]] = []
    at = 0
    strings = _string_ranges(syntax)
    for token in tokens(syntax.code):
        if token.startswith("#") and not any(start < at < end for start, end in strings):
            found.append((at, token.rstrip()))
        at += len(token)
    return found


def _string_ranges(syntax: Syntax) -> list[tuple[int, int]]:
    """Where f-strings and t-strings are: the regular expression does not see their nesting."""
    ranges = []
    pending: list[cst.CSTNode] = [syntax.module]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.FormattedString | cst.TemplatedString):
            ranges.append(node_offsets(syntax, node))
        else:
            pending.extend(node.children)
    return ranges


def loses_comment(syntax: Syntax, edits: Iterable[Edit]) -> bool:
    """True if the edits remove a comment and do not put it back in any of their texts."""
    chosen = list(edits)
    if "#" not in syntax.code:
        return False
    ranges = [(*span_offsets(syntax.code, chosen_edit.span), chosen_edit.text) for chosen_edit in chosen]
    removed: Counter[str] = Counter()
    if any("#" in syntax.code[start:end] for start, end, _ in ranges):
        for at, text in comment_offsets(syntax):
            removed[text] += any(start <= at < end for start, end, _ in ranges)
    kept: Counter[str] = Counter()
    for _, _, text in ranges:
        kept += _comments(text)
    return bool(+removed - kept)


def replace(syntax: Syntax, node: cst.CSTNode, new: cst.CSTNode | str) -> list[Edit]:
    """Replace the node by another one, or by text, as the smallest edits.

    Text replaces the node inside the parentheses that it stands in. The caller sees to it that the new code
    binds as tightly as its place asks for. No edits if nothing changes.
    """
    start, end = node_offsets(syntax, node)
    if isinstance(new, str):
        return smallest_edits(syntax, start, end, new)
    if not isinstance(node, cst.BaseStatement | cst.BaseCompoundStatement | cst.Module | cst.BaseSuite):
        # positions leave out an expression's own parentheses, generated code has them
        full = syntax.module.code_for_node(node)
        before = full.find(syntax.code[start:end])
        if before >= 0 and syntax.code[start - before : start - before + len(full)] == full:
            wanted = syntax.module.code_for_node(new)
            return smallest_edits(syntax, start - before, start - before + len(full), wanted)
    changed = syntax.module.deep_replace(node, new)
    return transform(syntax, changed) if isinstance(changed, cst.Module) else []


def transform(syntax: Syntax, module: cst.Module) -> list[Edit]:
    """The smallest edits that turn the code into that of a transformed module."""
    return smallest_edits(syntax, 0, len(syntax.code), module.code)


def ancestors(syntax: Syntax, node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The node's parents, nearest first."""
    found = []
    parent = syntax.parent(node)
    while parent is not None:
        found.append(parent)
        parent = syntax.parent(parent)
    return found
