"""Which verdicts survive which transformation: python -m tests.metamorphic [--differences] [--every N] [--only WORD]
[--programs WORD] [--jobs N] [--save FILE]; of runs that were saved (a part of the programs each): --saved FILE ...
[--again]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.metamorphic.comparing import Comparison, compare
from tests.metamorphic.subjects import Subject, subjects
from tests.metamorphic.transformations import TRANSFORMATIONS


@dataclass
class Tally:
    """What one transformation did."""

    programs: int = 0
    kept_programs: int = 0
    findings: int = 0
    kept: int = 0
    false: int = 0
    accepted: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def _compare(arguments: tuple[Subject, list[str]]) -> list[Comparison]:
    subject, names = arguments
    return [made for name in names if (made := compare(subject, name)) is not None]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.metamorphic", description=__doc__)
    parser.add_argument("--differences", action="store_true", help="name each verdict that changes")
    parser.add_argument("--every", type=int, default=1, help="take every Nth program only")
    parser.add_argument("--only", default="", help="transformations whose name has this word")
    parser.add_argument("--programs", default="", help="programs whose name has this word")
    parser.add_argument("--start", type=int, default=0, help="begin with this one")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--save", type=Path, help="write one line of JSON for each form")
    parser.add_argument("--saved", type=Path, nargs="+", help="run nothing, add up what was saved")
    parser.add_argument("--again", action="store_true", help="but what had changed when it was saved")
    options = parser.parse_args(arguments)
    if options.saved:
        results = [_loaded(options.saved, options.again)]
    else:
        results = _run(options)
    if options.save:
        lines = (json.dumps(asdict(c)) + "\n" for result in results for c in result)
        options.save.write_text("".join(lines), encoding="utf-8")
    tallies = {name: Tally() for name in TRANSFORMATIONS if options.only in name}
    for comparison in (c for result in results for c in result):
        if comparison.transformation in tallies:
            _count(tallies[comparison.transformation], comparison)
    _print(tallies, options.differences)
    return 0 if all(t.kept_programs == t.programs for t in tallies.values()) else 1


def _run(options: argparse.Namespace) -> list[list[Comparison]]:
    chosen = [s for s in subjects() if options.programs in s.name][options.start :: options.every]
    names = [name for name in TRANSFORMATIONS if options.only in name]
    work = [(subject, names) for subject in chosen]
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            return list(pool.map(_compare, work, chunksize=16))
    return [_compare(item) for item in work]


def _loaded(files: list[Path], again: bool) -> list[Comparison]:
    """What was saved, each form once; with `again` those that had changed are compared now."""
    known = {subject.name: subject for subject in subjects()}
    found: dict[tuple[str, str], Comparison] = {}
    for line in (line for file in files for line in file.read_text(encoding="utf-8").splitlines()):
        saved = json.loads(line)
        lost, gained = ([(code, number) for code, number in saved[key]] for key in ("lost", "gained"))
        comparison = Comparison(**{**saved, "lost": tuple(lost), "gained": tuple(gained)})
        name, subject = comparison.transformation, known.get(comparison.program)
        if again and not comparison.kept and subject is not None and name in TRANSFORMATIONS:
            now = compare(subject, name)
            if now is None:
                continue  # it does not apply any more
            comparison = now
        found[name, comparison.program] = comparison
    return list(found.values())


def _count(tally: Tally, comparison: Comparison) -> None:
    tally.programs += 1
    tally.findings += comparison.findings
    tally.kept += comparison.findings - len(comparison.lost) - comparison.accepted
    tally.false += len(comparison.gained)
    tally.accepted += comparison.accepted
    tally.codes.update(f"-{code}" for code, _ in comparison.lost)
    tally.codes.update(f"+{code}" for code, _ in comparison.gained)
    if comparison.kept:
        tally.kept_programs += 1
    else:
        tally.differences.append(str(comparison))


def _print(tallies: dict[str, Tally], differences: bool) -> None:
    total = Tally()
    print(
        f"{'transformation':84} {'programs':>8} {'kept':>6} {'findings':>8} {'kept':>6} {'lost':>5} {'new':>4} {'accepted':>8}"
    )
    for name, tally in tallies.items():
        _row(name, tally)
        if differences:
            for difference in tally.differences:
                print(f"    {difference}")
        for key in ("programs", "kept_programs", "findings", "kept", "false", "accepted"):
            setattr(total, key, getattr(total, key) + getattr(tally, key))
        total.codes += tally.codes
    _row("all", total)
    print("by code: " + ", ".join(f"{code} {count}" for code, count in total.codes.most_common()))


def _row(name: str, tally: Tally) -> None:
    print(
        f"{name:84} {tally.programs:8} {tally.kept_programs:6} {tally.findings:8} {tally.kept:6}"
        f" {tally.findings - tally.kept - tally.accepted:5} {tally.false:4} {tally.accepted:8}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
