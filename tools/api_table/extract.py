"""What one unpacked release offers, read with griffe; nothing of it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

import griffe

from tools.api_table.literals import literals
from tools.api_table.scope import Scope

#: classes of other packages, by their last name, that bring no constructor arguments of their own
_PLAIN_BASES = {"object", "ABC", "Generic", "Protocol", "Module", "PushToHubMixin", "ModelHubMixin"}

#: decorators that let further keywords through: transformers' deprecate_kwarg("old", new_name="new")
_RENAMING_DECORATORS = {"deprecate_kwarg"}


Documented: TypeAlias = "griffe.Class | griffe.Function | griffe.Attribute"


@dataclass
class Definition:
    """A function, class or member of a class, under the dotted path where it is defined.

    `kind` is one of class, function, method, classmethod, staticmethod, property, attribute.
    `parameters` is a string as described in peftlint.semantics.api.table, or None where it is not known.
    `bases` are the paths of the classes that it inherits from inside the package, in method resolution order,
    `outside` those of its and their bases in other packages.
    """

    path: str
    kind: str
    parameters: str | None = None
    bases: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    members: dict[str, Definition] = field(default_factory=dict)


@dataclass
class Release:
    """All definitions in scope by path, every public path to each of them, and accepted strings."""

    definitions: dict[str, Definition]
    paths: dict[str, str]
    literals: dict[str, str]


class _Mended(griffe.Extension):
    """Two things that griffe (2.4) makes of a package otherwise.

    Imports in class bodies are dropped: those from other packages break its search for dataclass fields.
    A class that is assigned anew, `AutoModel = auto_class_update(AutoModel)`, stays the class.
    """

    def __init__(self) -> None:
        self.classes: dict[str, griffe.Class] = {}

    def on_class_instance(self, *, cls: griffe.Class, **_: Any) -> None:
        self.classes[cls.path] = cls

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        folders: list[griffe.Module | griffe.Class] = [pkg]
        while folders:
            folder = folders.pop()
            for name, member in list(folder.members.items()):
                if isinstance(member, griffe.Attribute) and member.path in self.classes:
                    folder.members[name] = self.classes[member.path]
                elif isinstance(member, (griffe.Module, griffe.Class)):
                    folders.append(member)
                elif isinstance(folder, griffe.Class) and isinstance(member, griffe.Alias):
                    del folder.members[name]


def extract(scope: Scope, folder: Path) -> Release:
    """Reads the package of that scope below the folder."""
    extensions = griffe.load_extensions(_Mended())
    loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False, extensions=extensions)
    package = loader.load(scope.package)
    assert isinstance(package, griffe.Module)
    loader.resolve_aliases(implicit=True, external=False)
    definitions: dict[str, Definition] = {}
    paths: dict[str, str] = {}
    found = list(_public_paths(package))
    # What the package itself exports counts by that name, wherever it is defined.
    exported = {target.path for path, target in found if path.count(".") == 1 and scope.names.match(path)}
    for path, target in found:
        if target.path in exported or scope.names.match(target.path):
            _define(target, scope, definitions)
            paths[path] = target.path
    return Release(definitions, paths, literals(folder, package))


def _public_paths(package: griffe.Module) -> Iterator[tuple[str, Documented]]:
    """Every path to a class, function or constant of the package that has no leading underscore in it."""
    modules = [package]
    while modules:
        module = modules.pop()
        for name, member in sorted(module.members.items()):
            if name.startswith("_"):
                continue
            if isinstance(member, griffe.Module):
                modules.append(member)
                continue
            target = _resolved(member)
            if target is None or not target.path.startswith(f"{package.name}."):
                continue
            if isinstance(target, (griffe.Class, griffe.Function)) or _is_constant(target):
                yield f"{module.path}.{name}", target


def _is_constant(target: griffe.Object) -> TypeGuard[griffe.Attribute]:
    return (
        isinstance(target, griffe.Attribute)
        and target.name.isupper()
        and isinstance(target.parent, griffe.Module)
    )


def _resolved(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    """What an import or an assignment such as `PretrainedConfig = PreTrainedConfig` leads to."""
    try:
        target = member.final_target if isinstance(member, griffe.Alias) else member
        if isinstance(target, griffe.Attribute) and isinstance(target.value, griffe.ExprName):
            named = target.modules_collection[target.value.canonical_path]
            named = named.final_target if isinstance(named, griffe.Alias) else named
            return named if isinstance(named, (griffe.Class, griffe.Function)) else target
    except (griffe.AliasResolutionError, griffe.CyclicAliasError, KeyError):
        return None if isinstance(member, griffe.Alias) else member
    return target if isinstance(target, griffe.Object) else None


def _define(target: Documented, scope: Scope, definitions: dict[str, Definition]) -> None:
    if target.path in definitions:
        return
    if isinstance(target, griffe.Function):
        definitions[target.path] = Definition(target.path, "function", _parameters(target, drop_first=False))
        return
    if isinstance(target, griffe.Attribute):
        definitions[target.path] = Definition(target.path, "attribute")
        return
    inherited = _inherited(target)
    outside = tuple(
        dict.fromkeys(path for cls in (target, *inherited) for path in _outside_bases(cls, scope.package))
    )
    definition = Definition(
        target.path,
        "class",
        _constructor(target, inherited, scope.package),
        tuple(b.path for b in inherited),
        outside,
    )
    definitions[target.path] = definition
    for name, member in target.members.items():
        described = _member(name, member)
        if described is not None:
            definition.members[name] = described
    for base in inherited:
        _define(base, scope, definitions)


def _inherited(target: griffe.Class) -> list[griffe.Class]:
    """Classes of the package in method resolution order, without the class itself."""
    try:
        return [base for base in target.mro() if isinstance(base, griffe.Class)]
    except ValueError:
        # A shim under the name of what it inherits from, `class GenerationMixin(GenerationMixin)`.
        return []


def _member(name: str, member: griffe.Object | griffe.Alias) -> Definition | None:
    if name.startswith("_") and name not in {"__call__", "__getattr__"}:
        return None
    resolved = _resolved(member)
    match resolved:
        case griffe.Function():
            kind = next((k for k in ("classmethod", "staticmethod") if k in resolved.labels), "method")
            return Definition(resolved.path, kind, _parameters(resolved, drop_first=kind != "staticmethod"))
        case griffe.Attribute():
            return Definition(resolved.path, "property" if "property" in resolved.labels else "attribute")
        case _:
            return None


def _outside_bases(cls: griffe.Class, package: str) -> Iterator[str]:
    """Paths of direct bases that are not among the classes that were read."""
    read = {base.path for base in cls.resolved_bases}
    for base in cls.bases:
        path = base if isinstance(base, str) else base.canonical_path
        if path in read:
            continue
        try:
            known = cls.modules_collection[path].final_target if path.startswith(f"{package}.") else None
        except (KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError):
            known = None
        if known is None:
            yield path.split("[")[0]


def _constructor(cls: griffe.Class, inherited: list[griffe.Class], package: str) -> str | None:
    """Parameters of the first __init__ in resolution order; None if a class outside comes before it."""
    for position, candidate in enumerate((cls, *inherited)):
        init = candidate.members.get("__init__")
        if isinstance(init, griffe.Function):
            words = [_parameters(init, drop_first=True)]
            # griffe makes up the __init__ of a dataclass, without a line, out of the fields that it can see.
            if not init.lineno:
                outside = (path for base in inherited[position:] for path in _outside_bases(base, package))
                paths = dict.fromkeys([*_outside_bases(candidate, package), *outside])
                words += [f"&{path}" for path in paths if not _is_plain(path)]
            return " ".join(filter(None, words))
        if not all(_is_plain(path) for path in _outside_bases(candidate, package)):
            return None
    return ""


def _is_plain(path: str) -> bool:
    return path.rpartition(".")[2] in _PLAIN_BASES


def _parameters(function: griffe.Function, *, drop_first: bool) -> str:
    words: list[str] = []
    parameters = list(function.parameters)[1:] if drop_first else list(function.parameters)
    starred = False
    for index, parameter in enumerate(parameters):
        match parameter.kind:
            case griffe.ParameterKind.var_positional:
                words.append(f"*{parameter.name.lstrip('*')}")
                starred = True
                continue
            case griffe.ParameterKind.var_keyword:
                words.append(f"**{parameter.name.lstrip('*')}")
                continue
            case griffe.ParameterKind.keyword_only if not starred:
                words.append("*")
                starred = True
            case _:
                pass
        words.append(parameter.name + ("" if parameter.required else "="))
        following = parameters[index + 1] if index + 1 < len(parameters) else None
        positional_only = griffe.ParameterKind.positional_only
        if parameter.kind is positional_only and (following is None or following.kind is not positional_only):
            words.append("/")
    words += [f"{old}>{new}" for old, new in _renamed(function)]
    return " ".join(words)


def _renamed(function: griffe.Function) -> Iterator[tuple[str, str]]:
    """Old names that a decorator still lets through, with the new name (empty if there is none)."""
    for decorator in function.decorators:
        call = decorator.value
        if (
            not isinstance(call, griffe.ExprCall)
            or decorator.callable_path.split(".")[-1] not in _RENAMING_DECORATORS
        ):
            continue
        texts = [str(argument) for argument in call.arguments]
        named = dict(text.split("=", 1) for text in texts if "=" in text)
        old = named.get("old_name", texts[0]).strip("\"' ")
        yield old, named.get("new_name", "").strip("\"' ")
