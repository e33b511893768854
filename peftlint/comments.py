"""Suppression comments of a program text: which there are, and which statement each is about.

    x = f()  # peftlint: ignore[rule, other-rule] reason        this statement
    # peftlint: ignore[rule] reason                              the statement below
    # peftlint: ignore-file[rule] reason                         the whole file
    x = f()  # noqa: PEFT101                                     this statement; other codes are let be

A statement is a logical line: the comment may stand on any of its physical lines.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

from peftlint.diagnostics import Span

_DIRECTIVE = re.compile(
    r"#\s*peftlint\s*:\s*(?P<verb>[A-Za-z-]+)(?:\s*\[(?P<rules>[^\]\n]*)\])?(?P<reason>[^#\n]*)",
    re.IGNORECASE,
)
_NOQA = re.compile(
    r"#\s*noqa\s*:\s*(?P<rules>[A-Za-z]+[0-9]+(?:[\s,]+[A-Za-z]+[0-9]+)*)(?P<reason>[^#\n]*)", re.I
)
_OURS = re.compile(r"PEFT[0-9]+\Z", re.IGNORECASE)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")

#: first and last line of a statement
Lines = tuple[int, int]


@dataclass
class Directive:
    """One suppression. Columns are 1-based. `statement` is None for a whole file and where there is no
    statement.
    """

    verb: str
    #: selectors as written; empty: everything
    rules: tuple[str, ...]
    line: int
    #: from "#" up to the next "#" or the end of the line
    start: int
    end: int
    #: where the selectors stand, without brackets; None if there are none
    rules_start: int | None
    rules_end: int | None
    statement: Lines | None = None
    #: codes beside ours in a noqa comment, which stay as they are
    foreign: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)

    @property
    def span(self) -> Span:
        return Span(self.line, self.start, self.line, self.end)

    @property
    def whole_file(self) -> bool:
        return self.verb == "ignore-file"


@dataclass(frozen=True)
class Layout:
    """Logical lines of a program (in order), and its comments by line: 1-based column and text."""

    statements: tuple[Lines, ...]
    comments: tuple[tuple[int, int, str], ...]

    def statement_at(self, line: int) -> Lines:
        """The statement that has this line; the line itself if none has."""
        for first, last in self.statements:
            if first <= line <= last:
                return first, last
        return line, line


def lines_of(code: str) -> list[str]:
    """Lines without their ends, broken where Python breaks them: not at form feeds, as str.splitlines."""
    return _LINE_BREAK.split(code)


def layout(code: str) -> Layout:
    """Statements and comments. What the running Python cannot tokenize is read line by line from there on."""
    statements: list[Lines] = []
    comments: list[tuple[int, int, str]] = []
    first: int | None = None
    reached = 0
    skipped = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    try:
        for token in tokenize.generate_tokens(io.StringIO(code, newline="").readline):
            reached = token.start[0]
            if token.type == tokenize.COMMENT:
                comments.append((token.start[0], token.start[1] + 1, token.string))
            elif token.type == tokenize.NEWLINE:
                statements.append((first or token.start[0], token.start[0]))
                first = None
            elif token.type not in skipped and first is None:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        for number, text in enumerate(lines_of(code)[reached:], reached + 1):
            if "#" in text:
                column = text.index("#")
                comments.append((number, column + 1, text[column:]))
            if text.strip() and not text.lstrip().startswith("#"):
                statements.append((number, number))
    return Layout(tuple(statements), tuple(comments))


def directives(code: str) -> tuple[list[Directive], Layout | None]:
    """The suppressions of a program, and its layout if it was needed to find them."""
    lowered = code.lower()
    if "peftlint" not in lowered and "noqa" not in lowered:
        return [], None
    plan = layout(code)
    lines = lines_of(code)
    comment_lines = {line for line, column, _ in plan.comments if not lines[line - 1][: column - 1].strip()}
    found = []
    for line, column, text in plan.comments:
        for directive in _in_comment(line, column, text):
            directive.statement = _statement_of(line, plan, comment_lines)
            found.append(directive)
    return found, plan


def _statement_of(line: int, plan: Layout, comment_lines: set[int]) -> Lines | None:
    for first, last in plan.statements:
        if first <= line <= last:
            return first, last
        if first > line:
            # Only further comments may stand between a comment of its own line and its statement.
            return (first, last) if all(between in comment_lines for between in range(line, first)) else None
    return None


def _in_comment(line: int, column: int, text: str) -> Iterator[Directive]:
    for match in _DIRECTIVE.finditer(text):
        rules = match["rules"]
        yield Directive(
            verb=match["verb"].lower(),
            rules=tuple(part.strip() for part in (rules or "").split(",") if part.strip()),
            line=line,
            start=column + match.start(),
            end=column + len(text[: match.end()].rstrip()),
            rules_start=None if rules is None else column + match.start("rules"),
            rules_end=None if rules is None else column + match.end("rules"),
        )
    for match in _NOQA.finditer(text):
        codes = [part for part in re.split(r"[\s,]+", match["rules"]) if part]
        ours = tuple(code for code in codes if _OURS.match(code))
        if ours:
            yield Directive(
                verb="noqa",
                rules=ours,
                line=line,
                start=column + match.start(),
                end=column + len(text[: match.end()].rstrip()),
                rules_start=column + match.start("rules"),
                rules_end=column + match.end("rules"),
                foreign=tuple(code for code in codes if code not in ours),
            )
