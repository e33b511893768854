"""Has a name of another module anything to do with PEFT? Told from the text, so that the module need not be run for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from peftlint.semantics.project import Trace
from peftlint.semantics.relevance import is_strong

if TYPE_CHECKING:
    from peftlint.semantics.project import Project

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class _Module:
    definitions: dict[str, _Definition] = field(default_factory=dict)
    #: bound name -> (module, level, name in it; "" for the module itself)
    imports: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    #: variables of the module that calls make
    made: set[str] = field(default_factory=set)


class Worth:
    """Answers for one project, kept for all of its files."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._modules: dict[str, _Module | None] = {}
        self._known: dict[tuple[str, str], tuple[bool, Trace]] = {}

    def of(self, path: str, member: str) -> bool:
        """Does the function, class or variable of that name in the file mention PEFT, or something that does?"""
        if not self._project.reaching.of(path):
            # the package says nothing of PEFT, a module in it may
            inner = self._project.submodule(path, member) if member else None
            return inner is not None and self.of(inner.path, inner.member)
        key = (path, member)
        if key not in self._known:
            self._known[key] = False, Trace()  # a cycle ends here
            self._known[key] = self._project.traced(lambda: self._look(path, member))
        known, made_use_of = self._known[key]
        self._project.note(made_use_of)
        return known

    def _look(self, path: str, member: str) -> bool:
        if not member:
            return True
        module = self._module(path)
        if module is None:
            return True
        if member in module.imports:
            return self._imported(path, module.imports[member])
        definition = module.definitions.get(member)
        if definition is None:
            return member in module.made or self._project.submodule(path, member) is not None
        if isinstance(definition, ast.ClassDef):
            return True
        names = _names(definition)
        if any(map(is_strong, names)) or names & module.made:
            return True
        if any(self._imported(path, module.imports[name]) for name in sorted(names & module.imports.keys())):
            return True
        return any(
            self.of(path, name) for name in sorted(names & module.definitions.keys()) if name != member
        )

    def _imported(self, path: str, target: tuple[str, int, str]) -> bool:
        name, level, member = target
        if is_strong(member):
            return True
        found = self._project.find(path, name, level, member)
        return found is not None and self.of(found.path, found.member)

    def _module(self, path: str) -> _Module | None:
        if path not in self._modules:
            source = self._project.source(path)
            try:
                self._modules[path] = _outline(ast.parse(source.code)) if source is not None else None
            except (SyntaxError, ValueError, RecursionError):
                self._modules[path] = None
        return self._modules[path]


def _outline(tree: ast.Module) -> _Module:
    module = _Module()
    for node in _top_level(tree.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                module.definitions[node.name] = node
            case ast.ImportFrom():
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = node.module or "", node.level, alias.name
            case ast.Import():
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    module.imports[bound] = alias.name if alias.asname else bound, 0, ""
            case ast.Assign(value=ast.Call()) | ast.AnnAssign(value=ast.Call()):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                module.made |= {n.id for each in targets for n in ast.walk(each) if isinstance(n, ast.Name)}
    return module


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported, those in `if`, `try` and `with` too."""
    for node in body:
        yield node
        for name in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(node, name, []))
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                yield from _top_level(handler.body)


@lru_cache(maxsize=4096)
def _names(node: _Definition) -> frozenset[str]:
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
        elif isinstance(each, ast.keyword) and each.arg:
            found.add(each.arg)
    return frozenset(found)
