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
#: so many times as many modules as are kept may be parsed before one that stays has to be asked for again
PATIENCE = 4


class KeptModules:
    """Parsed modules by path; `parse` gives one that is not kept, or None if it cannot be had.

    The files of a package often import the same modules one after the other, and more of them than can be kept. If the
    one that was not asked for longest had to go, each would go just before it is asked for again. So those that were
    asked for a second time stay, as long as they are asked for at times, and of the others the newest goes.
    """

    def __init__(self, parse: Callable[[str], Syntax | None]) -> None:
        self._parse = parse
        self._kept: dict[str, Syntax | None] = {}
        #: when each was last asked for again, counted in modules parsed; the least recent first
        self._again: OrderedDict[str, int] = OrderedDict()
        self._parsed = 0
        self._size = 0

    def __call__(self, path: str) -> Syntax | None:
        if path in self._kept:
            self._again[path] = self._parsed
            self._again.move_to_end(path)
            return self._kept[path]
        self._parsed += 1
        syntax = self._parse(path)
        while self._kept and self._size + _size(syntax) > KEPT_CODE:
            self._size -= _size(self._kept.pop(self._next_to_go()))
        self._kept[path] = syntax
        self._size += _size(syntax)
        return syntax

    def _next_to_go(self) -> str:
        stale = next(iter(self._again), None)
        if stale is not None and self._parsed - self._again[stale] > PATIENCE * len(self._kept):
            del self._again[stale]
            return stale
        newest = next((path for path in reversed(self._kept) if path not in self._again), None)
        if newest is None:
            newest = self._again.popitem(last=False)[0]
        return newest


def _size(syntax: Syntax | None) -> int:
    return len(syntax.code) if syntax is not None else 0
