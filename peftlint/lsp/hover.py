"""What is shown over a finding, and over the name of a rule in a suppression comment: the rule's page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec

from peftlint.diagnostics import page_url
from peftlint.lsp.analysis import Finding, name_of
from peftlint.lsp.documents import Part, Snapshot
from peftlint.lsp.protocol import range_of
from peftlint.rules.pages import markdown
from peftlint.rules.registry import UnknownSelectorError, find

_COMMENT = re.compile(r"#\s*(?:peftlint\s*:|noqa\s*:)[^\n]*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def hover(
    snapshot: Snapshot, part: Part, at: types.Position, findings: Sequence[Finding], codec: PositionCodec
) -> types.Hover | None:
    """The hover at a position of a part of the document; `findings` are those that have the position."""
    if findings:
        pages = "\n\n---\n\n".join(_finding(finding, snapshot) for finding in findings)
        where = range_of(findings[0].shown.span, part.lines, codec)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, pages), where)
    named = _in_comment(part, at, codec)
    return None if named is None else types.Hover(types.MarkupContent(types.MarkupKind.Markdown, named))


def _finding(finding: Finding, snapshot: Snapshot) -> str:
    diagnostic = finding.shown
    lines = [f"**{diagnostic.message}**"]
    for step in diagnostic.trace:
        place = f"line {step.span.line}"
        if step.path != snapshot.path:
            place = f"{name_of(step.path)}, {place}"
        elif step.cell is not None and step.cell != diagnostic.cell:
            place = f"another cell, {place}"
        lines.append(f"- {place}: {step.message}")
    head = "\n".join([lines[0], "", *lines[1:]])
    return f"{head}\n\n{page(diagnostic.code)}"


def page(code: str) -> str:
    """The page of a rule, with a link to it if it is on the site."""
    info = find(code)
    url = page_url(info.code, info.name)
    return f"{markdown(info)}\n[{info.code} on the site]({url})\n" if url else markdown(info)


def _in_comment(part: Part, at: types.Position, codec: PositionCodec) -> str | None:
    if at.line >= len(part.lines):
        return None
    line = part.lines[at.line]
    comment = _COMMENT.search(line)
    if comment is None:
        return None
    for word in _WORD.finditer(line, comment.start(), comment.end()):
        start, end = (codec.client_num_units(line[:offset]) for offset in word.span())
        if start <= at.character <= end:
            try:
                return page(word[0])
            except UnknownSelectorError:
                return None
    return None
