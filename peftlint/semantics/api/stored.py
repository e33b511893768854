"""The generated table as it is stored: the form of data/PACKAGE.json.gz.

All names are relative to the package, all releases are indices into "releases".

- "symbols": name -> first, last, description, first, last, description ... A description is a letter for
  the kind (see signatures.Kind) and the parameters in order: `name` required, `name=` optional, `*name`,
  `**name`, `*` and `/` as in Python, `old>new` a name that is let through for the time being, `&path` all
  that a class of another package takes; `?` where a constructor is not known.
- "classes": name -> first, last, bases, ... with the classes that it inherits from in resolution order, "|",
  and the paths of those in other packages.
- "paths": path -> first, last, name, ... for all paths but those that are the name of a symbol and lead to it
  in every release that has it.
- "literals": what -> first, last, strings, ... ("pissa_niter_*" is a pattern, "gaussian/i" good in any case)
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from peftlint.semantics.api.releases import DATA, PACKAGES

Ranges = list[Any]


@lru_cache(maxsize=len(PACKAGES))
def table(package: str) -> dict[str, dict[str, Ranges]]:
    """The table of a package, read when it is first asked for."""
    packed = (DATA / f"{package}.json.gz").read_bytes()
    content: dict[str, dict[str, Ranges]] = json.loads(zlib.decompress(packed, wbits=31))
    return content


def at(ranges: Ranges | None, index: int) -> str | None:
    """The value that holds for that release in a list of first, last, value."""
    if ranges:
        for position in range(0, len(ranges), 3):
            if ranges[position] <= index <= ranges[position + 1]:
                value: str = ranges[position + 2]
                return value
    return None


def ends(ranges: Ranges | None) -> list[int]:
    """First and last releases of all ranges."""
    return [*(ranges or [])[0::3], *(ranges or [])[1::3]]


def split(dotted: str) -> tuple[str, str]:
    """Package and name in it; the package is empty if it is none of the four."""
    package, _, name = dotted.partition(".")
    return (package, name) if package in PACKAGES and name else ("", dotted)


def led_to(package: str, path: str, index: int) -> str:
    """The symbol that a path leads to: transformers.PretrainedConfig is PreTrainedConfig since 5.0."""
    return at(table(package)["paths"].get(path), index) or path


def bases_of(package: str, name: str, index: int) -> tuple[list[str], list[str]] | None:
    """Classes that a class inherits from, inside the package and paths outside; None if it is not there."""
    stored = at(table(package)["classes"].get(led_to(package, name, index)), index)
    if stored is None:
        return None
    inside, _, outside = stored.partition("|")
    return inside.split(), outside.split()


def description(package: str, name: str, index: int) -> str | None:
    """The description of a symbol in a release; that of a method may be inherited."""
    symbols = table(package)["symbols"]
    found = at(symbols.get(led_to(package, name, index)), index)
    owner, _, member = name.rpartition(".")
    owner = led_to(package, owner, index)
    bases = bases_of(package, owner, index) if found is None and owner else None
    for base in (owner, *bases[0]) if bases else ():
        found = at(symbols.get(f"{base}.{member}"), index)
        if found is not None:
            break
    return found


def descriptions(package: str, class_name: str, index: int) -> Iterator[tuple[str, str]]:
    """Name and description of each member of the class, its own before inherited ones."""
    bases = bases_of(package, class_name, index)
    if bases is None:
        return
    symbols = table(package)["symbols"]
    for owner in (led_to(package, class_name, index), *bases[0]):
        for member in _members(package).get(owner, ()):
            found = at(symbols[f"{owner}.{member}"], index)
            if found is not None:
                yield member, found


@lru_cache(maxsize=len(PACKAGES))
def _members(package: str) -> dict[str, list[str]]:
    """Names of the members that each class has in any release."""
    found: dict[str, list[str]] = {}
    classes = table(package)["classes"]
    for name in table(package)["symbols"]:
        owner, _, member = name.rpartition(".")
        if owner in classes:
            found.setdefault(owner, []).append(member)
    return found
