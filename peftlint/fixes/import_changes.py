"""All changes of imports that one fix brings with it, worked out together."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from peftlint.diagnostics import Edit
from peftlint.fixes.imported import Imported, imports_of
from peftlint.fixes.imports import add_import, joined_by, orphan, parse_import
from peftlint.fixes.items import change_items
from peftlint.fixes.statements import delete_statement
from peftlint.fixes.text import Syntax, loses_comment, node_offsets, span_offsets


def change_imports(
    syntax: Syntax, edits: Iterable[Edit], add: Iterable[str] = (), before: cst.CSTNode | None = None
) -> list[Edit]:
    """The edits of imports that go with `edits`: `add` is added, what the edits orphan is removed.

    `add` are import statements of one name each, for use at `before`: see `add_import`, also for
    `ValueError`. What is removed is what `remove_orphan_import` would remove. A new name takes the place of a
    removed one where both belong to one statement.
    """
    chosen = list(edits)
    orphans = [found for name in sorted(_names_in(syntax, chosen)) if (found := orphan(syntax, name, chosen))]
    result: list[Edit] = []
    joining: dict[int, list[str]] = {}
    statements: dict[int, cst.Import | cst.ImportFrom] = {}
    for statement in add:
        new = add_import(syntax, statement, before)
        module, _, _, text = parse_import(statement)
        there = joined_by(syntax, module, before)
        if new and there is not None:
            statements[id(there)] = there
            joining.setdefault(id(there), []).append(text)
        else:
            result += new
    for found in orphans:
        statements[id(found.statement)] = found.statement
    for key, node in statements.items():
        leaving = [found for found in orphans if found.statement is node]
        changes = _change(syntax, node, leaving, joining.get(key, []))
        if leaving and loses_comment(syntax, changes):
            changes = _change(syntax, node, [], joining.get(key, []))
        result += changes
    return result


def _names_in(syntax: Syntax, edits: Iterable[Edit]) -> set[str]:
    """Imported names that the edits remove somewhere."""
    words: set[str] = set()
    for one in edits:
        start, end = span_offsets(syntax.code, one.span)
        words.update(re.findall(r"\w+", syntax.code[start:end]))
    return words & {found.bound for found in imports_of(syntax)}


def _change(
    syntax: Syntax,
    statement: cst.Import | cst.ImportFrom,
    leaving: list[Imported],
    texts: list[str],
) -> list[Edit]:
    if isinstance(statement.names, cst.ImportStar) or not (leaving or texts):
        return []
    items = list(statement.names)
    if not texts and len(leaving) == len(items):
        return delete_statement(syntax, statement, comments=False)
    removed = [at for at, item in enumerate(items) if any(found.item is item for found in leaving)]
    ranges = [node_offsets(syntax, item) for item in items]
    bracketed = isinstance(statement, cst.ImportFrom) and statement.lpar is not None
    return change_items(syntax, ranges, node_offsets(syntax, statement)[0], removed, texts, bracketed)
