"""Names that come from `from library import *`: from which of several libraries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from peftlint.semantics.api import table, tables
from peftlint.semantics.api.names import canonical, package


def offering(libraries: Sequence[str], name: str) -> str:
    """The library that the name comes from; the first of them if none is known to have it."""
    if len(libraries) == 1:
        return libraries[0]
    for library in libraries:
        if canonical(f"{library}.{name}") in tables.FUNCTIONS or name in tabled(package(library)):
            return library
    for library in libraries:
        if tables.function(canonical(f"{library}.{name}")) is not None:
            return library
    return libraries[0]


@lru_cache(maxsize=16)
def tabled(library: str) -> frozenset[str]:
    """Names at the top of the library, as far as the table of signatures has it."""
    try:
        return frozenset(symbol.partition(".")[2] for symbol in table.symbols(library))
    except (KeyError, OSError):
        return frozenset()
