"""An outline of a Python file: scopes, what names are bound to, functions, classes, imports, calls."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

#: names in an annotation or an isinstance test that say that something is a model
MODEL_NAME = re.compile(r"\bPeft\w*Model|PreTrainedModel|\w+ForCausalLM|DiffusionPipeline")


@dataclass
class Scope:
    """A function, or the code of a module; `owner` is the class around a method."""

    node: ast.AST
    parent: Scope | None
    owner: ast.ClassDef | None = None
    bindings: dict[str, list[tuple[ast.expr, int | None]]] = field(default_factory=dict)
    annotated: set[str] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)


@dataclass
class Module:
    """A parsed file. `imports`: local name -> (module, level, name)."""

    path: str
    tree: ast.Module
    imports: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    functions: dict[str, ast.AST] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    calls: list[tuple[ast.Call, Scope]] = field(default_factory=list)
    #: (class, attribute) -> the values assigned to self.attribute, each with its method's scope
    attributes: dict[tuple[str, str], list[tuple[ast.expr, int | None, Scope]]] = field(default_factory=dict)


def read_module(path: str, code: str) -> Module:
    """Raises SyntaxError."""
    module = Module(path, ast.parse(code))
    top = Scope(module.tree, None)
    module.scopes[module.tree] = top
    _collect(module, module.tree, top, None)
    return module


def _collect(module: Module, parent: ast.AST, scope: Scope, owner: ast.ClassDef | None) -> None:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = Scope(node, scope, owner)
            module.scopes[node] = inner
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            inner.parameters = [argument.arg for argument in arguments]
            annotated = {argument.arg: argument.annotation for argument in arguments if argument.annotation}
            inner.annotated = {name for name, annotation in annotated.items() if names_model(annotation)}
            if not isinstance(node, ast.Lambda):
                key = f"{owner.name}.{node.name}" if owner is not None else node.name
                module.functions.setdefault(key, node)
            _collect(module, node, inner, None)
            continue
        if isinstance(node, ast.ClassDef):
            module.classes.setdefault(node.name, node)
            _collect(module, node, scope, node)
            continue
        _note(module, node, scope)
        _collect(module, node, scope, owner)


def _note(module: Module, node: ast.AST, scope: Scope) -> None:
    match node:
        case ast.Import(names=names):
            for alias in names:
                module.imports[alias.asname or alias.name.partition(".")[0]] = (alias.name, 0, "")
        case ast.ImportFrom(module=name, names=names, level=level):
            for alias in names:
                module.imports[alias.asname or alias.name] = (name or "", level, alias.name)
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _bind(module, target, value, scope)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            if isinstance(target, ast.Name) and names_model(annotation):
                scope.annotated.add(target.id)
            if value is not None:
                _bind(module, target, value, scope)
        case ast.NamedExpr(target=target, value=value):
            _bind(module, target, value, scope)
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            _bind(module, target, value, scope)
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), classes]):
            if names_model(classes):
                scope.annotated.add(name)
    if isinstance(node, ast.Call):
        module.calls.append((node, scope))


def _bind(
    module: Module, target: ast.expr, value: ast.expr, scope: Scope, position: int | None = None
) -> None:
    match target:
        case ast.Name(id=name):
            scope.bindings.setdefault(name, []).append((value, position))
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
            method: Scope | None = scope
            while method is not None and method.owner is None:
                method = method.parent
            if method is not None and method.owner is not None:
                key = (method.owner.name, attribute)
                module.attributes.setdefault(key, []).append((value, position, scope))
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for index, element in enumerate(elements):
                if isinstance(value, ast.Tuple) and len(value.elts) == len(elements):
                    _bind(module, element, value.elts[index], scope)
                else:
                    _bind(module, element, value, scope, index)


def names_model(annotation: ast.expr) -> bool:
    """Does the annotation, or the second argument of isinstance, name a class of models?"""
    for node in ast.walk(annotation):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
        if isinstance(name, str) and MODEL_NAME.search(name):
            return True
    return False


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name, "" if it is none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def first_name(node: ast.expr) -> str:
    """The first part of a dotted name, "" if it is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
