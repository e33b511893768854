"""Other names for variables, functions and parameters."""

from __future__ import annotations

import builtins
import unicodedata
from collections.abc import Callable

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import bound, read_names, target_names, walk
from tests.metamorphic.transformations.registry import transformation


class Renamer(cst.CSTTransformer):
    """Gives names other names, but for attributes, keywords and imports."""

    def __init__(self, names: dict[str, str], keywords: bool = False) -> None:
        self.names = names
        self.keywords = keywords

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self.names.get(original_node.value, original_node.value))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node if self.keywords else updated_node.with_changes(keyword=original_node.keyword)

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:
        return original_node

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        return original_node


def renamable(module: cst.Module) -> list[str]:
    """Variables and parameters in the order in which they occur: not attributes of classes, nor names that a call of
    a function of the program gives as a keyword.
    """
    functions = {n.name.value for n in walk(module) if isinstance(n, cst.FunctionDef | cst.ClassDef)}
    excluded = set(dir(builtins)) | functions | {"self", "cls"}
    found: dict[str, None] = {}
    for node in walk(module):
        match node:
            case cst.ClassDef(body=body):
                excluded |= bound(body.body).all
            case cst.ImportAlias():
                excluded |= bound([node]).imported
            case cst.Call(func=func, args=args):
                own = isinstance(func, cst.Name | cst.Attribute) and bool(read_names(func) & functions)
                method = isinstance(func, cst.Attribute) and func.attr.value in functions
                if own or method:
                    excluded |= {arg.keyword.value for arg in args if arg.keyword is not None}
            case cst.Param(name=name):
                found[name.value] = None
            case (
                cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.NamedExpr(target=target)
            ):
                found.update(dict.fromkeys(target_names(target)))
            case cst.For(target=target) | cst.CompFor(target=target):
                found.update(dict.fromkeys(target_names(target)))
            case cst.AsName(name=name):
                found.update(dict.fromkeys(target_names(name)))
    overridden = {  # parameters that a library gives by keyword, or fixtures of pytest: their names are not free
        parameter.name.value
        for node in walk(module)
        if isinstance(node, cst.FunctionDef)
        and (
            node.decorators
            or node.name.value.startswith(("test", "compute_", "forward", "training_step", "on_"))
        )
        for parameter in walk(node.params)
        if isinstance(parameter, cst.Param)
    }
    return [name for name in found if name not in excluded | overridden and not name.startswith("__")]


def _renamed(module: cst.Module, new: Callable[[int, str], str]) -> Variant | None:
    names = renamable(module)
    if not names or _dynamic(module):
        return None
    return Variant.of(module.visit(Renamer({name: new(i, name) for i, name in enumerate(names)})))


def _dynamic(module: cst.Module) -> bool:
    return bool(read_names(module) & {"globals", "locals", "vars", "exec", "eval"})


@transformation("renamed variables")
def renamed_variables(module: cst.Module) -> Variant | None:
    return _renamed(module, lambda index, name: f"v{index}")


@transformation("variables named for something else")
def misleading_names(module: cst.Module) -> Variant | None:
    words = ("data", "batch", "result", "x", "loss", "config", "tmp", "engine", "state", "path", "helper")
    return _renamed(module, lambda index, name: words[index % len(words)] + "_" * (1 + index // len(words)))


@transformation("non-ASCII identifiers")
def non_ascii(module: cst.Module) -> Variant | None:
    return _renamed(module, lambda index, name: f"modèle_{'αβγδεζηθ'[index % 8]}{index}")


@transformation("identifiers in another normal form")
def other_normal_form(module: cst.Module) -> Variant | None:
    """Every second occurrence of a variable is written in full-width letters: the same name for Python (NFKC)."""
    names = set(renamable(module))
    if not names or _dynamic(module):
        return None

    class Widener(Renamer):
        count = 0

        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
            if original_node.value not in names:
                return updated_node
            self.count += 1
            if self.count % 2:
                return updated_node
            wide = "".join(
                chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in original_node.value
            )
            assert unicodedata.normalize("NFKC", wide) == original_node.value
            return updated_node.with_changes(value=wide)

    return Variant.of(module.visit(Widener({})))


@transformation("renamed functions")
def renamed_functions(module: cst.Module) -> Variant | None:
    """Functions at module level that no library calls by name."""
    names = [
        node.name.value
        for node in module.body
        if isinstance(node, cst.FunctionDef)
        and not node.decorators
        and not node.name.value.startswith(("test", "check", "assert", "setup", "teardown", "pytest"))
    ]
    variables = bound(module.body)
    names = [n for n in names if n not in variables.plain | variables.other | variables.imported]
    if not names or _dynamic(module):
        return None
    return Variant.of(module.visit(Renamer({name: f"f{index}" for index, name in enumerate(names)})))
