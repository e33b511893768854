"""The edits that put another name or keyword for one that is gone: import, uses and keyword together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.fixes import calls, imports, text
from peftlint.fixes.import_changes import change_imports
from peftlint.fixes.imported import imports_of
from peftlint.rules.upgrade.replacements import FROM_PRETRAINED, Keyword, Name

if TYPE_CHECKING:
    from peftlint.diagnostics import Edit
    from peftlint.semantics.syntax import Syntax


def imported_path(syntax: Syntax, alias: cst.CSTNode) -> str:
    """ "peft.utils.other.load_peft_weights" for that name in `from peft.utils.other import ...`."""
    statement = syntax.parent(alias)
    if (
        isinstance(statement, cst.ImportFrom)
        and isinstance(alias, cst.ImportAlias)
        and statement.module is not None
    ):
        if not statement.relative:
            return f"{syntax.text(statement.module)}.{syntax.text(alias.name)}"
    return ""


def rename_attribute(syntax: Syntax, node: cst.Attribute, old: str, new: Name) -> list[Edit]:
    """`peft.new` for `peft.old`; nothing where the new name is in another module, which may not be imported."""
    module, _, name = new.new.rpartition(".")
    return text.replace(syntax, node.attr, name) if module == old.rpartition(".")[0] else []


def rename_import(syntax: Syntax, alias: cst.CSTNode, new: Name) -> list[Edit]:
    """Import `new` in place of the name, and use it wherever the file uses the old one."""
    module, _, name = new.new.rpartition(".")
    old = imported_path(syntax, alias)
    if not isinstance(alias, cst.ImportAlias) or not old or not name:
        return []
    bound = alias.evaluated_alias or alias.evaluated_name
    same_module = old.rpartition(".")[0] == module
    statement = syntax.parent(alias)
    if (
        old.rpartition(".")[2] == name
        and isinstance(statement, cst.ImportFrom)
        and statement.module is not None
    ):
        # only the module is another
        alone = not isinstance(statement.names, cst.ImportStar) and len(statement.names) == 1
        return text.replace(syntax, statement.module, module) if alone else []
    if alias.asname is not None or _is_rebound(syntax, bound, alias):
        if not same_module:
            return []
        if alias.asname is not None:
            return text.replace(syntax, alias.name, name)
        return text.replace(syntax, alias, f"{name} as {bound}")
    uses = [edit for node in _uses(syntax, bound, alias) for edit in text.replace(syntax, node, name)]
    if same_module and not any(found.bound == name for found in imports_of(syntax)):
        return [*text.replace(syntax, alias.name, name), *uses]
    if not uses:
        return []
    others = change_imports(syntax, uses, [f"from {module} import {name}"])
    if _takes_away(syntax, others, alias):
        return [*uses, *others]
    # it is not to go by itself (a comment behind it, a condition around it): the new name stands in its place
    if (
        isinstance(statement, cst.ImportFrom)
        and statement.module is not None
        and not isinstance(statement.names, cst.ImportStar)
        and len(statement.names) == 1
        and not any(found.bound == name for found in imports_of(syntax))
    ):
        return [*uses, *text.replace(syntax, statement.module, module), *text.replace(syntax, alias, name)]
    return []


def _takes_away(syntax: Syntax, edits: list[Edit], alias: cst.ImportAlias) -> bool:
    """Do the edits replace or delete the imported name?"""
    start, end = text.node_offsets(syntax, alias)
    ranges = (text.span_offsets(syntax.code, one.span) for one in edits)
    return any(first <= start and end <= last for first, last in ranges)


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(each.children)


def _uses(syntax: Syntax, name: str, alias: cst.ImportAlias) -> list[cst.Name]:
    """Expressions that are this name: no attributes, no keywords, not the import itself."""
    found = []
    for node in _walk(syntax.module):
        if isinstance(node, cst.Name) and node.value == name and syntax.parent(node) is not alias:
            parent = syntax.parent(node)
            if isinstance(parent, cst.Attribute) and parent.attr is node:
                continue
            if isinstance(parent, cst.Arg) and parent.keyword is node:
                continue
            found.append(node)
    return found


def _is_rebound(syntax: Syntax, name: str, alias: cst.ImportAlias) -> bool:
    """Is the name bound by something else too, or written in a string (`__all__`)?"""
    for node in _walk(syntax.module):
        match node:
            case cst.AssignTarget(target=cst.Name(value=bound)) | cst.Param(name=cst.Name(value=bound)):
                if bound == name:
                    return True
            case cst.FunctionDef(name=cst.Name(value=bound)) | cst.ClassDef(name=cst.Name(value=bound)):
                if bound == name:
                    return True
            case cst.ImportAlias() if (
                node is not alias and (node.evaluated_alias or node.evaluated_name) == name
            ):
                return True
            case cst.SimpleString() if node.evaluated_value == name:
                return True
    return False


def change_keyword(syntax: Syntax, call: cst.Call, old: str, new: Keyword) -> list[Edit] | None:
    """The edits, None where the value is not what the replacement is for. No new name: the keyword is taken out."""
    arg = calls.keyword(call, old)
    if arg is None:
        return None
    value = calls.value_source(syntax, arg)
    if new.when and value != new.when:
        return None
    if not new.new:
        return calls.remove_arguments(syntax, call, [arg])
    if new.if_true and value in ("False", "None"):
        return calls.remove_arguments(syntax, call, [arg])
    if calls.keyword(call, new.new) is not None or _has_rival(call, old, new):
        return None
    if new.value == "{}" and not new.when and not new.if_true:
        return calls.rename_keyword(syntax, call, old, new.new)
    written = _if_true(arg.value, value, new) if new.if_true else new.value.format(value)
    edits: list[Edit] = []
    if new.imports:
        module, name, _, _ = imports.parse_import(new.imports)
        as_imported = imports.imported_name(syntax, f"{module}.{name}", call) or name
        if not syntax.text(call.func).startswith(as_imported.rpartition(".")[0]):
            # both `import transformers` and `from transformers import ...`: as the call does it
            as_imported = name
        edits = imports.add_import(syntax, new.imports, call) if as_imported == name else []
        written = written.replace(f"{name}(", f"{as_imported}(")
    moved = (
        [other for other in call.args if other.keyword and other.keyword.value.startswith(new.takes)]
        if new.takes
        else []
    )
    if moved:
        texts = [calls.argument_source(syntax, other) for other in moved]
        written = written.replace("=True)", f"=True, {', '.join(texts)})", 1)
        edits += calls.remove_arguments(syntax, call, moved)
    return [*text.replace(syntax, arg, f"{new.new}={written}"), *edits]


def _has_rival(call: cst.Call, old: str, new: Keyword) -> bool:
    """Whether another keyword of the call is to become the same one, which cannot be given twice."""
    rivals = [name for name, other in FROM_PRETRAINED.items() if other.new == new.new and name != old]
    return any(calls.keyword(call, name) is not None for name in rivals)


def _if_true(node: cst.BaseExpression, value: str, new: Keyword) -> str:
    """The new value, under the condition that the old one is true.

    `BitsAndBytesConfig(load_in_8bit=False)` is no way to say "not quantized": transformers takes a configuration without 8 bits
    for one of 4 bits (quantizers/auto.py of 4.41 to 5.23).
    """
    if value == "True":
        return new.if_true
    bare = isinstance(node, cst.IfExp | cst.Lambda | cst.NamedExpr | cst.Yield) and not node.lpar
    return f"{new.if_true} if {f'({value})' if bare else value} else None"
