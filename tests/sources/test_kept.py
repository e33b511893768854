"""Parsed modules are kept by the amount of their code."""

from __future__ import annotations

from peftlint.semantics import kept
from peftlint.semantics.kept import KeptModules
from peftlint.semantics.syntax import Syntax
from peftlint.sources import read


def test_the_modules_asked_for_last_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(kept, "KEPT_CODE", 100)
    parsed: list[str] = []

    def parse(path: str) -> Syntax | None:
        parsed.append(path)
        return None if path == "missing" else Syntax(read(f"{path}.py", b"x = 1  # " + 40 * b".").sources[0])

    modules = KeptModules(parse)
    first, _, again = modules("a"), modules("b"), modules("a")
    assert again is first and parsed == ["a", "b"]
    modules("c")
    assert modules("a") is first and parsed == ["a", "b", "c"]
    modules("b")
    assert parsed == ["a", "b", "c", "b"]
    assert modules("missing") is None and modules("missing") is None and parsed[-1] == "missing"
    assert parsed.count("missing") == 1


def test_more_modules_in_turn_than_can_be_kept(monkeypatch) -> None:
    monkeypatch.setattr(kept, "KEPT_CODE", 250)
    parsed: list[str] = []

    def parse(path: str) -> Syntax | None:
        parsed.append(path)
        return Syntax(read(f"{path}.py", b"x = 1  # " + 40 * b".").sources[0])

    modules = KeptModules(parse)
    for _ in range(10):
        for path in "abcdefgh":
            modules(path)
    # of eight, three stay and five take turns
    assert len(parsed) < 8 + 9 * 6
    assert parsed.count("a") == 1
    for _ in range(10):
        for path in "stuvwxyz":
            modules(path)
    # what is no longer asked for makes room
    assert parsed.count("s") < 10 and len(parsed) < 2 * 8 + 9 * 6 + 9 * 7
