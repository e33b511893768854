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
        self._once: dict[str, Syntax | None] = {}
        #: those that were asked for again, the least recent first
        self._again: OrderedDict[str, Syntax | None] = OrderedDict()
        #: when that was, counted in modules parsed
        self._asked: dict[str, int] = {}
        self._parsed = 0
        self._size = 0

    def __call__(self, path: str) -> Syntax | None:
        if path in self._again:
            self._again.move_to_end(path)
            self._asked[path] = self._parsed
            return self._again[path]
        if path in self._once:
            self._again[path] = self._once.pop(path)
            self._asked[path] = self._parsed
            return self._again[path]
        self._parsed += 1
        syntax = self._parse(path)
        while (self._once or self._again) and self._size + _size(syntax) > KEPT_CODE:
            self._size -= _size(self._without_one())
        self._once[path] = syntax
        self._size += _size(syntax)
        return syntax

    def _without_one(self) -> Syntax | None:
        oldest = next(iter(self._again), None)
        kept = len(self._once) + len(self._again)
        if oldest is not None and (not self._once or self._parsed - self._asked[oldest] > PATIENCE * kept):
            del self._asked[oldest]
            return self._again.popitem(last=False)[1]
        return self._once.popitem()[1]


def _size(syntax: Syntax | None) -> int:
    return len(syntax.code) if syntax is not None else 0
