"""Parsed modules kept for the files that import them, as many as memory allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peftlint.semantics.syntax import Syntax

#: how much code the kept modules may have together, in characters: a tree takes some ninety times the memory of
#: its text
KEPT_CODE = 1_200_000


class KeptModules:
    """The modules asked for last; `parse` gives one that is not kept, or None if it cannot be had."""

    def __init__(self, parse: Callable[[str], Syntax | None]) -> None:
        self._parse = parse
        self._kept: OrderedDict[str, Syntax | None] = OrderedDict()
        self._size = 0

    def __call__(self, path: str) -> Syntax | None:
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        syntax = self._kept[path] = self._parse(path)
        self._size += _size(syntax)
        while self._size > KEPT_CODE and len(self._kept) > 1:
            self._size -= _size(self._kept.popitem(last=False)[1])
        return syntax


def _size(syntax: Syntax | None) -> int:
    return len(syntax.code) if syntax is not None else 0
