"""Prints what the linter finds in the programs: python -m tests.programs [--differences] [WORD ...]"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.programs.reading import check, programs


def main(arguments: list[str]) -> int:
    words = [word for word in arguments if not word.startswith("-")]
    chosen = [program for program in programs() if not words or any(word in program.name for word in words)]
    missed_by_code: Counter[str] = Counter()
    false_by_code: Counter[str] = Counter()
    expected = found = exact = 0
    for program in chosen:
        with tempfile.TemporaryDirectory() as folder:
            findings, errors = check(program, Path(folder))
        missed, false = program.expected - findings, findings - program.expected
        expected += len(program.expected)
        found += len(program.expected & findings)
        exact += not (missed or false or errors)
        missed_by_code.update(finding.code for finding in missed)
        false_by_code.update(finding.code for finding in false)
        if "--differences" in arguments and (missed or false or errors):
            print(program.name)
            for finding in sorted(missed):
                print(f"    missing     {finding}")
            for finding in sorted(false):
                print(f"    unexpected  {finding}")
            for error in errors:
                print(f"    error       {error}")
    silent = sum(not program.expected for program in chosen)
    print(f"{len(chosen)} programs ({silent} that must stay silent), {exact} exactly as expected")
    missed_total, false_total = missed_by_code.total(), false_by_code.total()
    print(f"{expected} findings expected, {found} found, {missed_total} missed, {false_total} false")
    for title, counter in (("missed", missed_by_code), ("false", false_by_code)):
        if counter:
            print(f"{title}: " + ", ".join(f"{code} {count}" for code, count in sorted(counter.items())))
    return 0 if exact == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
