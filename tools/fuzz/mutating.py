"""Changes of programs by lines: what the byte changes of libFuzzer make of a program is hardly ever one.

Lines come from the programs of `fixtures/` and `tests/programs/`, which are also where the search starts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADERS = (
    "if args.flag:", "for name in names:", "while True:", "with torch.no_grad():", "with model.disable_adapter():", "def step(model):",
    "async def serve(self, model):", "class Serving(Base):", "try:", "else:", "except ValueError:", "finally:", "match name:", "@cached",
)  # fmt: skip
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_INDENTED = re.compile(r"[ \t]*")


@lru_cache(maxsize=1)
def programs() -> tuple[str, ...]:
    """The texts of the programs of the repository."""
    paths = [*ROOT.glob("fixtures/*/*.py"), *ROOT.glob("tests/programs/**/*.py")]
    return tuple(path.read_text(encoding="utf-8", errors="replace") for path in sorted(paths))


def _donors(chance: random.Random) -> list[str]:
    """One to four lines that stand together in a program, without their common indentation."""
    lines = chance.choice(programs()).splitlines()
    start = chance.randrange(len(lines) or 1)
    taken = [line for line in lines[start : start + chance.randint(1, 4)] if line.strip()]
    return _indented(taken, "")


def _indented(lines: list[str], indent: str) -> list[str]:
    common = min((_indent(line) for line in lines if line.strip()), key=len, default="")
    return [indent + line.removeprefix(common) for line in lines]


def _indent(line: str) -> str:
    found = _INDENTED.match(line)
    return found.group() if found else ""


def _insert(lines: list[str], at: int, chance: random.Random) -> list[str]:
    return [*lines[:at], *_indented(_donors(chance), _indent(lines[at])), *lines[at:]]


def _delete(lines: list[str], at: int, chance: random.Random) -> list[str]:
    return [*lines[:at], *lines[at + chance.randint(1, 3) :]]


def _move(lines: list[str], at: int, chance: random.Random) -> list[str]:
    """A copy, or the lines themselves, to another place."""
    end = at + chance.randint(1, 4)
    taken = lines[at:end]
    rest = lines if chance.random() < 0.5 else lines[:at] + lines[end:]
    to = chance.randrange(len(rest) + 1)
    indent = _indent(rest[to]) if to < len(rest) else ""
    return [*rest[:to], *_indented(taken, indent), *rest[to:]]


def _nest(lines: list[str], at: int, chance: random.Random) -> list[str]:
    """Lines below a header, or the other way round."""
    end = at + chance.randint(1, 5)
    indent = _indent(lines[at])
    if chance.random() < 0.3:
        return [*lines[:at], *(line.removeprefix("    ") for line in lines[at:end]), *lines[end:]]
    inside = _indented(lines[at:end], indent + "    ")
    return [*lines[:at], indent + chance.choice(HEADERS), *inside, *lines[end:]]


def _rename(lines: list[str], at: int, chance: random.Random) -> list[str]:
    """A name in one line becomes another one of the program, or of any."""
    names = _NAME.findall(lines[at])
    if not names:
        return lines
    others = _NAME.findall("\n".join(lines if chance.random() < 0.7 else _donors(chance))) or names
    changed = re.sub(
        rf"\b{chance.choice(names)}\b", chance.choice(others), lines[at], count=chance.randint(0, 1)
    )
    return [*lines[:at], changed, *lines[at + 1 :]]


_CHANGES: tuple[Callable[[list[str], int, random.Random], list[str]], ...] = (
    _insert, _insert, _delete, _move, _nest, _rename, _rename,
)  # fmt: skip


def mutated(data: bytes, size: int, seed: int) -> bytes:
    """The input with one to three changes of its lines, no longer than `size`; the first byte stays, which is its kind."""
    chance = random.Random(seed)
    lines = data[1:].decode("utf-8", "replace").split("\n")
    if len(lines) < 3:
        lines = chance.choice(programs()).split("\n")
    for _ in range(chance.randint(1, 3)):
        lines = chance.choice(_CHANGES)(lines, chance.randrange(len(lines)), chance) or [""]
    return (data[:1] or b"\0") + "\n".join(lines).encode("utf-8", "replace")[: size - 1]
