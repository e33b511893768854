"""Changed texts as edits of the versions that were checked: what is the same in both stays untouched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from lsprotocol import types
from pygls.workspace import PositionCodec

from peftlint.lsp.documents import Part, Snapshot
from peftlint.lsp.protocol import position
from peftlint.sources.text import split_lines


def workspace_edit(
    snapshot: Snapshot, texts: Sequence[tuple[int | None, str]], codec: PositionCodec, versioned: bool
) -> types.WorkspaceEdit:
    """The edit that makes the snapshot's texts the given ones.

    `versioned`: the client refuses an edit of a document that has changed since. Without it (an old client), the
    edit names no version.
    """
    changes: dict[str, list[types.TextEdit]] = {}
    changed: list[types.TextDocumentEdit] = []
    for cell, text in texts:
        part = snapshot.part(cell)
        if part is None or part.text == text:
            continue
        edits = list(text_edits(part, text, codec))
        changes[part.uri] = edits
        identifier = types.OptionalVersionedTextDocumentIdentifier(part.uri, part.version)
        changed.append(types.TextDocumentEdit(identifier, list(edits)))
    if versioned:
        return types.WorkspaceEdit(document_changes=list(changed))
    return types.WorkspaceEdit(changes=changes)


def text_edits(part: Part, text: str, codec: PositionCodec) -> Iterable[types.TextEdit]:
    """Small edits, in order, that make the part's text `text`."""
    before, after = part.lines, split_lines(text)
    starts = [0, *accumulate(map(len, before))]
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            continue
        old, new = "".join(before[old_from:old_to]), "".join(after[new_from:new_to])
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        # Not between the two characters of a line break: no position is there.
        if old[head - 1 : head] == "\r":
            head -= 1
        if tail and old[len(old) - tail :][:1] == "\n" and "\r" in (old + new)[len(old) - tail - 1 :]:
            tail -= 1
        start = starts[old_from] + head
        end = starts[old_from] + len(old) - tail
        where = types.Range(_at(part, starts, start, codec), _at(part, starts, end, codec))
        yield types.TextEdit(where, new[head : len(new) - tail])


def _common(one: str, other: str) -> int:
    """How many characters at the start of both are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _at(part: Part, starts: Sequence[int], offset: int, codec: PositionCodec) -> types.Position:
    line = bisect_right(starts, offset) - 1
    if line == len(part.lines):
        # The end of the text: on a line of its own after a line break, else at the end of the last line.
        if not part.lines or part.lines[-1].endswith(("\n", "\r")):
            return types.Position(line, 0)
        line -= 1
    return position(part.lines, line + 1, offset - starts[line] + 1, codec)
