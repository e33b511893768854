"""Which verdicts survive which transformation: python -m tests.metamorphic [--differences] [--every N] [--only WORD]
[--programs WORD] [--jobs N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

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
    options = parser.parse_args(arguments)
    chosen = [s for s in subjects() if options.programs in s.name][options.start :: options.every]
    tallies = {name: Tally() for name in TRANSFORMATIONS if options.only in name}
    work = [(subject, list(tallies)) for subject in chosen]
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            results = list(pool.map(_compare, work, chunksize=16))
    else:
        results = [_compare(item) for item in work]
    for comparison in (c for result in results for c in result):
        _count(tallies[comparison.transformation], comparison)
    _print(tallies, options.differences)
    return 0 if all(t.kept_programs == t.programs for t in tallies.values()) else 1


def _count(tally: Tally, comparison: Comparison) -> None:
    tally.programs += 1
    tally.findings += comparison.findings
    tally.kept += comparison.findings - len(comparison.lost)
    tally.false += len(comparison.gained)
    tally.codes.update(f"-{code}" for code, _ in comparison.lost)
    tally.codes.update(f"+{code}" for code, _ in comparison.gained)
    if comparison.kept:
        tally.kept_programs += 1
    else:
        tally.differences.append(str(comparison))


def _print(tallies: dict[str, Tally], differences: bool) -> None:
    total = Tally()
    print(
        f"{'transformation':52} {'programs':>8} {'kept':>6} {'findings':>8} {'kept':>6} {'lost':>5} {'new':>4}"
    )
    for name, tally in tallies.items():
        _row(name, tally)
        if differences:
            for difference in tally.differences:
                print(f"    {difference}")
        for key in ("programs", "kept_programs", "findings", "kept", "false"):
            setattr(total, key, getattr(total, key) + getattr(tally, key))
        total.codes += tally.codes
    _row("all", total)
    print("by code: " + ", ".join(f"{code} {count}" for code, count in total.codes.most_common()))


def _row(name: str, tally: Tally) -> None:
    print(
        f"{name:52} {tally.programs:8} {tally.kept_programs:6} {tally.findings:8} {tally.kept:6}"
        f" {tally.findings - tally.kept:5} {tally.false:4}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
