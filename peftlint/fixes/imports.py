"""Codemods of imports: add one where it is needed, remove one that a fix made useless."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

import libcst as cst

from peftlint.diagnostics import Edit
from peftlint.fixes.imported import Imported, imports_of, names_of
from peftlint.fixes.items import insert_items, remove_items
from peftlint.fixes.statements import delete_statement, place_of
from peftlint.fixes.text import (
    Syntax,
    edit,
    indent_at,
    line_end,
    line_start,
    loses_comment,
    node_offsets,
    span_offsets,
)

_FROM = re.compile(r"from\s+(?P<module>[.\w]+)\s+import\s+(?P<name>\w+)(?:\s+as\s+(?P<alias>\w+))?\s*$")
_IMPORT = re.compile(r"import\s+(?P<name>[.\w]+)(?:\s+as\s+(?P<alias>\w+))?\s*$")
_SCOPES = (cst.Module, cst.FunctionDef, cst.ClassDef, cst.Lambda)


def _parents(syntax: Syntax, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    parent = syntax.parent(node)
    while parent is not None:
        yield parent
        parent = syntax.parent(parent)


def _scopes(syntax: Syntax, node: cst.CSTNode) -> list[cst.CSTNode]:
    return [parent for parent in _parents(syntax, node) if isinstance(parent, _SCOPES)]


def _only_for_types(syntax: Syntax, node: cst.CSTNode) -> bool:
    return any(
        isinstance(parent, cst.If) and "TYPE_CHECKING" in syntax.module.code_for_node(parent.test)
        for parent in _parents(syntax, node)
    )


def _visible(syntax: Syntax, before: cst.CSTNode | None) -> list[Imported]:
    """The imports that have run when `before` does: above it, in its function or the module."""
    until = len(syntax.code) if before is None else node_offsets(syntax, before)[0]
    scopes = [syntax.module] if before is None else _scopes(syntax, before)
    return [
        found
        for found in imports_of(syntax)
        if (scope := _scopes(syntax, found.statement)[0]) in scopes
        # code of a function runs after the whole of its module
        and (node_offsets(syntax, found.statement)[0] < until or (scope is syntax.module and len(scopes) > 1))
        and not _only_for_types(syntax, found.statement)
    ]


def imported_name(syntax: Syntax, target: str, before: cst.CSTNode | None = None) -> str | None:
    """How the code at `before` can write `target` ("peft.PeftModel") with the imports it has, if it can."""
    for found in reversed(_visible(syntax, before)):
        if found.target == target:
            return found.alias or (found.name if found.module else target)
        if target.startswith(found.target + ".") and not found.module:
            return (found.alias or found.target) + target[len(found.target) :]
    return None


def reference(syntax: Syntax, target: str, before: cst.CSTNode | None = None) -> tuple[str, list[Edit]]:
    """How to write `target` ("peft.PeftModel") at `before`, and the edits that import it if need be."""
    name = imported_name(syntax, target, before)
    if name is not None:
        return name, []
    module, _, name = target.rpartition(".")
    return name, add_import(syntax, f"from {module} import {name}", before)


def add_import(syntax: Syntax, statement: str, before: cst.CSTNode | None = None) -> list[Edit]:
    """Import what `statement` says (`from m import n [as a]`, `import m [as a]`), for use at node `before`.

    No edits if the import is there. Otherwise the name joins an import from the same module that runs before
    `before`, or a new line stands with the imports from its package, else follows the last import above it, else the
    docstring, else it comes first.
    Raises `ValueError` for any other statement.
    """
    module, name, alias, text = parse_import(statement)
    visible = _visible(syntax, before)
    if any((found.module, found.name, found.alias) == (module, name, alias) for found in visible):
        return []
    there = joined_by(syntax, module, before)
    if there is not None:
        return _join(syntax, there, text)
    return _new_import(syntax, statement.strip(), before)


def parse_import(statement: str) -> tuple[str, str, str | None, str]:
    """Module ("" for `import m`), name, alias, text of the two. Raises `ValueError`: see `add_import`."""
    found = _FROM.match(statement) or _IMPORT.match(statement)
    if found is None:
        raise ValueError(f"not an import of one name: {statement!r}")
    text = found["name"] + (f" as {found['alias']}" if found["alias"] else "")
    return found.groupdict().get("module") or "", found["name"], found["alias"], text


def joined_by(syntax: Syntax, module: str, before: cst.CSTNode | None) -> cst.Import | cst.ImportFrom | None:
    """The last import from `module` that has run when `before` does, which another name can join."""
    if not module:
        return None
    for found in reversed(_visible(syntax, before)):
        if found.module == module and not _is_conditional(syntax, found.statement):
            return found.statement
    return None


def _is_conditional(syntax: Syntax, statement: cst.CSTNode) -> bool:
    """True if the import stands in an `if`, a `try` or the like."""
    for parent in _parents(syntax, statement):
        if isinstance(parent, _SCOPES):
            return False
        if isinstance(parent, cst.BaseCompoundStatement):
            return True
    return False


def _join(syntax: Syntax, statement: cst.Import | cst.ImportFrom, text: str) -> list[Edit]:
    assert not isinstance(statement.names, cst.ImportStar)
    ranges = [node_offsets(syntax, item) for item in statement.names]
    bracketed = isinstance(statement, cst.ImportFrom) and statement.lpar is not None
    return insert_items(syntax, ranges, node_offsets(syntax, statement)[0], [text], bracketed)


def _new_import(syntax: Syntax, statement: str, before: cst.CSTNode | None) -> list[Edit]:
    newline = syntax.module.default_newline
    until = None
    if before is not None:
        top: cst.CSTNode = before
        for parent in _parents(syntax, before):
            if isinstance(parent, cst.Module):
                break
            top = parent
        until = top
    lines = []
    for line in syntax.module.body:
        if line is until:
            break
        lines.append(line)
    there = [
        (line, next(names_of(line.body[0]), None))
        for line in lines
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Import | cst.ImportFrom)
    ]
    module, name, _, _ = parse_import(statement)
    package = (module or name).partition(".")[0]
    kin = [(line, found) for line, found in there if found and found.target.partition(".")[0] == package]
    if not kin and package in sys.stdlib_module_names:
        # those of the standard library that stand first
        kin = [(line, found) for line, found in takewhile(lambda at: _is_standard(at[1]), there) if found]
    for line, found in kin:
        if module and module < found.module:
            at = line_start(syntax.code, node_offsets(syntax, line.body[0])[0])
            return [edit(syntax, at, at, statement + newline)]
    if there:
        after, _ = (kin or there)[-1]
        at = line_end(syntax.code, node_offsets(syntax, after.body[-1])[1])
        return [edit(syntax, at, at, newline + statement)]
    if lines and _is_docstring(lines[0]):
        at = line_end(syntax.code, node_offsets(syntax, lines[0])[1])
        return [edit(syntax, at, at, newline + newline + statement)]
    if not syntax.module.body:
        return [edit(syntax, len(syntax.code), len(syntax.code), statement + newline)]
    first = place_of(syntax, syntax.module.body[0])
    at = line_start(syntax.code, first.start)
    gap = "" if isinstance(first.statement, cst.Import | cst.ImportFrom) else newline
    return [edit(syntax, at, at, statement + newline + gap)]


def _is_standard(imported: Imported | None) -> bool:
    return imported is not None and imported.target.partition(".")[0] in sys.stdlib_module_names


def _is_docstring(line: cst.CSTNode) -> bool:
    match line:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            return True
    return False


def remove_orphan_import(syntax: Syntax, name: str, edits: Iterable[Edit]) -> list[Edit]:
    """The edits that remove the import of local name `name`, if `edits` take away its last use.

    No edits if it is used elsewhere (also in a string, which may be an annotation or `__all__`), re-exported
    (`__init__.py`, `import x as x`), marked `noqa`, imported under a condition or twice, or if its comment
    would go. Nor if `edits` change that import already: use `change_imports` to do both, or leave the name to
    the engine, which clears away imports that applied fixes have orphaned.
    """
    chosen = list(edits)
    found = orphan(syntax, name, chosen)
    if found is None:
        return []
    start, end = node_offsets(syntax, found.statement)
    if any(start <= span_offsets(syntax.code, one.span)[0] <= end for one in chosen):
        return []
    removal = remove_import(syntax, found)
    return [] if loses_comment(syntax, removal) else removal


def orphan(syntax: Syntax, name: str, edits: Sequence[Edit]) -> Imported | None:
    """The import of local name `name` that `edits` make useless, if they do and it may go."""
    ranges = [span_offsets(syntax.code, one.span) for one in edits]
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    if any(word.search(one.text) for one in edits):
        return None
    found = [imported for imported in imports_of(syntax) if imported.bound == name]
    if len(found) != 1 or not is_removable(syntax, found[0]):
        return None
    start, end = node_offsets(syntax, found[0].statement)
    uses = [match.start() for match in word.finditer(syntax.code) if not start <= match.start() < end]
    real = [use for use in uses if not _in_comment(syntax, use)]
    gone = bool(real) and all(any(a <= use < b for a, b in ranges) for use in real)
    return found[0] if gone else None


def is_removable(syntax: Syntax, imported: Imported) -> bool:
    """False for an import that may be there for its own sake: see `remove_orphan_import`."""
    if re.search(r"(?:^|[/\\])__init__\.pyi?$", syntax.path) or imported.alias == imported.name:
        return False
    if imported.module == "__future__" or _is_conditional(syntax, imported.statement):
        return False
    start, end = node_offsets(syntax, imported.statement)
    return "noqa" not in syntax.code[start : line_end(syntax.code, end)]


def _in_comment(syntax: Syntax, at: int) -> bool:
    """True in the comment of a line that is nothing but a comment (type comments stand behind code)."""
    line = syntax.code[line_start(syntax.code, at) : at]
    return line.strip().startswith("#") and not indent_at(syntax.code, at).strip()


def remove_import(syntax: Syntax, imported: Imported) -> list[Edit]:
    """Remove one name from its import statement, and the statement with its last name."""
    names: Sequence[cst.ImportAlias] = (
        () if isinstance(imported.statement.names, cst.ImportStar) else imported.statement.names
    )
    if len(names) <= 1:
        return delete_statement(syntax, imported.statement, comments=False)
    ranges = [node_offsets(syntax, item) for item in names]
    index = next(at for at, item in enumerate(names) if item is imported.item)
    return remove_items(syntax, ranges, [index])
