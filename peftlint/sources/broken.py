"""What stands in a program for a piece of it that does not parse (a notebook's cell, a page's block).

Nobody knows what the piece does once it is mended, so the stand-in does the least that can be said: every name
that the piece may bind is bound to something unknown, everything that it can reach is given to a function that
cannot be seen, and a function or class of its own is one that may touch all that the piece mentions:

    model = load(path          model, path = get_ipython(model, path)
    def add(folder             get_ipython(add, model); add = lambda *__given, **__named: get_ipython(...)

What it can reach is what it mentions, and what functions mention that it mentions. Names are found in the bare
text, strings included, since broken quotes leave no way to tell where strings end. Only names that other pieces
mention matter.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from peftlint.sources.program import ENDLESS, Line
from peftlint.sources.text import split_lines, without_break

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
#: a comment in a line without quotes; elsewhere the mark may stand in a string
_COMMENT = re.compile(r"^([^'\"#\n]*)#.*", re.MULTILINE)
_STAR = re.compile(r"^[ \t]*(from[ \t]+[\w.]+[ \t]+import[ \t]*\*)", re.MULTILINE)
_DEFINITION = re.compile(r"\b(?:def|class)[ \t]+([^\W\d]\w*)")
#: a function or class at the top of a piece that parses, with its body
_BLOCK = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+).*(?:\n(?:[ \t)\]}#].*|[ \t]*$))*", re.MULTILINE
)
_GLOBAL = re.compile(r"\bglobal\b([^\n;#]*)")
_IMPORT = re.compile(r"\bimport\b[ \t]*(\([^)]*|[^(\n;][^\n;]*)")
#: words after which names are bound, up to where that ends
_BINDS = re.compile(
    r"\b(?:for\b(?P<loop>.*?)(?:\bin\b|$)|(?:as|global|nonlocal|del|case|type)\b(?P<rest>[^\n:;]*))",
    re.MULTILINE,
)
_WALRUS = re.compile(r"([^\W\d]\w*)[ \t]*:=")
_PART = re.compile(r"(?P<assign>(?<![=<>!:])=(?!=))|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<next>;)")


@dataclass(frozen=True)
class StandIns:
    """Writes the stand-ins for the broken pieces of a program: `pieces` are (text, whether it is broken)."""

    pieces: Sequence[tuple[str, bool]]

    def line(self, index: int) -> Line | None:
        """The line for piece `index`, which takes no edit; None if nothing in the piece concerns the others."""
        text = self.pieces[index][0]
        code = self.code(index)
        if not code:
            return None
        first = split_lines(text)[0]
        width = len(without_break(first))
        return Line(text=code + "\n", number=1, width=width, frozen=(-1, ENDLESS), broken=len(first) > width)

    def code(self, index: int) -> str:
        """The line's Python, "" if none is needed."""
        text = _COMMENT.sub(r"\1", self.pieces[index][0])
        statements = [" ".join(star.split()) for star in _STAR.findall(text)]
        reached, rebound = self._reached(text)
        own = [name for name in dict.fromkeys(_DEFINITION.findall(text)) if name in reached]
        bound = {*_bound(text), *rebound}.difference(own)
        if reached:
            target = ", ".join(name for name in reached if name in bound)
            given = ", ".join(reached)
            statements.append(f"{target} = get_ipython({given})" if target else f"get_ipython({given})")
            statements += [
                f"{name} = lambda *__given, **__named: get_ipython(__given, __named, {given})" for name in own
            ]
        return "; ".join(statements)

    def _reached(self, text: str) -> tuple[list[str], set[str]]:
        """The shared names that a piece can reach, in order, and those that functions in reach bind anew."""
        reached: dict[str, None] = {}
        rebound: set[str] = set()
        waiting = [text]
        while waiting:
            part = waiting.pop()
            for name in _names(part):
                if name not in reached:
                    reached[name] = None
                    waiting += self._bodies.get(name, ())
            rebound.update(name for names in _GLOBAL.findall(part) for name in _NAME.findall(names))
        return [name for name in reached if name in self._shared], rebound

    @cached_property
    def _shared(self) -> set[str]:
        """The names that at least two pieces mention (words of strings and comments do no harm here)."""
        counts = Counter(name for text, _ in self.pieces for name in _names(text))
        return {name for name, count in counts.items() if count > 1}

    @cached_property
    def _bodies(self) -> dict[str, list[str]]:
        """For each function and class the texts that say what it touches."""
        bodies: dict[str, list[str]] = {}
        for text, broken in self.pieces:
            if broken:
                for name in _DEFINITION.findall(text):
                    bodies.setdefault(name, []).append(text)
            else:
                for block in _BLOCK.finditer(text):
                    bodies.setdefault(block[1], []).append(block[0])
        return bodies


def _names(text: str) -> list[str]:
    return [name for name in dict.fromkeys(_NAME.findall(text)) if _is_name(name)]


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word) and word != "__debug__"


def _bound(text: str) -> Iterator[str]:
    """Names that the text may bind; rather too many."""
    for match in _BINDS.finditer(text):
        yield from _NAME.findall(match["loop"] or match["rest"] or "")
    for imported in _IMPORT.findall(text):
        yield from _NAME.findall(imported)
    yield from _WALRUS.findall(text)
    for line in text.splitlines():
        yield from _assigned(line)


def _assigned(line: str) -> Iterator[str]:
    """Names before the last `=` of each statement in a line, but for those of keyword arguments."""
    depth = start = end = 0
    for part in _PART.finditer(line):
        if part["assign"] and depth <= 0:
            end = part.start()
        elif part["open"]:
            depth += 1
        elif part["close"]:
            depth -= 1
        elif part["next"]:
            yield from _NAME.findall(line, start, end)
            depth, start, end = 0, part.end(), part.end()
    yield from _NAME.findall(line, start, end)
