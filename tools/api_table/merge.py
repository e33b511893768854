"""One table out of what the releases of a package offer: each symbol under one name, with its releases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from tools.api_table.extract import Definition, Release

#: the letter under which the table keeps a kind of definition
LETTERS = {
    "class": "C",
    "function": "f",
    "method": "m",
    "classmethod": "c",
    "staticmethod": "s",
    "property": "p",
    "attribute": "a",
}


def merge(package: str, names: Sequence[str], releases: Sequence[Release]) -> dict[str, Any]:
    """The table of a package in the form that peftlint.semantics.api.data_format describes.

    `names` are the releases, oldest first.
    """
    canonical = _canonical_names(releases)
    symbols: dict[str, dict[int, str]] = defaultdict(dict)
    classes: dict[str, dict[int, str]] = defaultdict(dict)
    paths: dict[str, dict[int, str]] = defaultdict(dict)
    literals: dict[str, dict[int, str]] = defaultdict(dict)
    prefix = f"{package}."

    def short(path: str) -> str:
        return path.removeprefix(prefix)

    for index, release in enumerate(releases):
        for definition in release.definitions.values():
            name = short(canonical[definition.path])
            symbols[name][index] = _encoded(definition)
            if definition.kind == "class":
                bases = " ".join(short(canonical[base]) for base in definition.bases)
                classes[name][index] = f"{bases}|{' '.join(definition.outside)}"
            for member, described in definition.members.items():
                symbols[f"{name}.{member}"][index] = _encoded(described)
        for path, defined in release.paths.items():
            paths[short(path)][index] = short(canonical[defined])
        for what, values in release.literals.items():
            literals[short(what)][index] = values

    return {
        "package": package,
        "releases": list(names),
        "symbols": {name: _ranges(values) for name, values in sorted(symbols.items())},
        "classes": {name: _ranges(values) for name, values in sorted(classes.items())},
        "paths": {
            path: _ranges(values)
            for path, values in sorted(paths.items())
            if not _same(path, values, symbols)
        },
        "literals": {what: _ranges(values) for what, values in sorted(literals.items())},
    }


def _encoded(definition: Definition) -> str:
    parameters = (
        "?" if definition.parameters is None and definition.kind == "class" else definition.parameters
    )
    return f"{LETTERS[definition.kind]} {parameters or ''}".rstrip()


def _ranges(values: dict[int, str]) -> list[Any]:
    """first, last, value, first, last, value, ... with neighbouring releases of one value put together."""
    ranges: list[Any] = []
    for index in sorted(values):
        if ranges and ranges[-2] == index - 1 and ranges[-1] == values[index]:
            ranges[-2] = index
        else:
            ranges += [index, index, values[index]]
    return ranges


def _same(path: str, values: dict[int, str], symbols: Mapping[str, Mapping[int, str]]) -> bool:
    """True if the path is the name of one symbol, and leads to it in every release that has it."""
    return set(values.values()) == {path} and values.keys() == symbols[path].keys()


def _canonical_names(releases: Sequence[Release]) -> dict[str, str]:
    """The name of each definition, by the path where it is defined in some release.

    A definition that moves keeps its name as long as the shortest way to it stays the same. Of all such names
    the shortest is taken, one that leads through a package which the definition lies in before any other.
    """
    group: dict[str, set[str]] = {}  # defining path -> all defining paths of the symbol
    ways: dict[str, set[str]] = defaultdict(set)  # defining path -> shortest ways to it
    by_way: dict[str, str] = {}
    for release in releases:
        reached: dict[str, list[str]] = defaultdict(list)
        for path, defined in release.paths.items():
            reached[defined].append(path)
        for defined in release.definitions:
            way = min([*reached[defined], defined], key=partial(_rank, defined))
            ways[defined].add(way)
            group.setdefault(defined, {defined})
            other = by_way.setdefault(way, defined)
            if group[other] is not group[defined]:
                joined = group[other] | group[defined]
                for member in joined:
                    group[member] = joined
    names: dict[str, str] = {}
    for defined, members in group.items():
        candidates = {way for member in members for way in ways[member]}
        own = {member.rpartition(".")[2] for member in members}
        names[defined] = min(
            candidates, key=lambda way: (way.count("."), way.rpartition(".")[2] not in own, way)
        )
    return names


def _rank(defined: str, path: str) -> tuple[bool, int, bool, bool, str]:
    module = path.rpartition(".")[0]
    renamed = path.rpartition(".")[2] != defined.rpartition(".")[2]
    return not defined.startswith(f"{module}."), path.count("."), renamed, path != defined, path


def problems(table: dict[str, Any]) -> Iterable[str]:
    """What cannot be right in a table that was just made."""
    last = len(table["releases"]) - 1
    for part in ("symbols", "classes", "paths", "literals"):
        for name, ranges in table[part].items():
            for first, final in zip(ranges[::3], ranges[1::3], strict=True):
                if not 0 <= first <= final <= last:
                    yield f"{part}: {name}: {first}..{final}"
    for name, ranges in table["classes"].items():
        for bases in ranges[2::3]:
            yield from (
                f"{name}: unknown base {b}" for b in bases.split("|")[0].split() if b not in table["symbols"]
            )
