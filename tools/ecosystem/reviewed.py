"""The reviewed list: a line for each finding in a package, with the verdict of whoever read it.

A finding is known by package, path within the package, rule, enclosing function and the hash of its source line, so
that a list does not age when lines move.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

LIST = Path(__file__).parent / "findings.jsonl"

#: TRUE: the code does not do what its author expects, or fails; FALSE: the linter is wrong (a defect that is open);
#: INTENDED: wrong on purpose (a test of the failure), which the linter cannot know
VERDICTS = ("TRUE", "INTENDED", "FALSE", "unreviewed")


@dataclass(frozen=True, order=True)
class Reviewed:
    """One finding. `line` is where it stood when it was read; `verdict` one of `VERDICTS`, `why` a sentence."""

    package: str
    path: str
    code: str
    context: str
    hash: str
    line: int = 0
    message: str = ""
    verdict: str = "unreviewed"
    why: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        return self.package, self.path, self.code, self.context, self.hash


def read(path: Path = LIST) -> list[Reviewed]:
    """The list, in its order. Raises ValueError for a verdict that is none."""
    found = [
        Reviewed(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    for each in found:
        if each.verdict not in VERDICTS:
            raise ValueError(f"{path.name}: {each.path}: {each.verdict!r} is no verdict")
    return found


def write(findings: Iterable[Reviewed], path: Path = LIST) -> None:
    lines = [json.dumps(asdict(each), ensure_ascii=False) for each in sorted(findings)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@dataclass(frozen=True)
class Change:
    """`new`: findings that nobody has read; `gone`: findings of the list that are not made any more."""

    new: tuple[Reviewed, ...]
    gone: tuple[Reviewed, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)

    def __str__(self) -> str:
        lines = [f"new:  {e.package} {e.path}:{e.line} {e.code} {e.message}" for e in self.new]
        lines += [
            f"gone: {e.package} {e.path}:{e.line} {e.code} {e.message} ({e.verdict})" for e in self.gone
        ]
        return "\n".join(lines)


def compare(made: Iterable[Reviewed], known: Iterable[Reviewed], packages: Iterable[str]) -> Change:
    """What has changed in these packages since the list was reviewed."""
    looked_at = set(packages)
    by_key = {each.key: each for each in known if each.package in looked_at}
    found = {each.key: each for each in made}
    new = tuple(each for key, each in found.items() if key not in by_key)
    gone = tuple(each for key, each in by_key.items() if key not in found)
    return Change(new, gone)


def merged(made: Iterable[Reviewed], known: Iterable[Reviewed], packages: Iterable[str]) -> list[Reviewed]:
    """The list with the findings made now: verdicts are kept, new ones wait for theirs."""
    looked_at = set(packages)
    known = list(known)
    verdicts = {each.key: each for each in known}
    kept = [each for each in known if each.package not in looked_at]
    for each in made:
        old = verdicts.get(each.key)
        kept.append(replace(each, verdict=old.verdict, why=old.why) if old is not None else each)
    return kept
