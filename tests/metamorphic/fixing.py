"""Fixes the wrong programs under all transformations: python -m tests.metamorphic.fixing [--every N] [--only WORD]

What must hold of the results is in tools/fixes, which does the same to trees of real code.
"""

from __future__ import annotations

import argparse
import sys

from peftlint.diagnostics import Applicability
from tests.metamorphic.subjects import subjects
from tests.metamorphic.transformations import TRANSFORMATIONS
from tools.fixes.checking import alone, fixed


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.metamorphic.fixing", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every Nth program only")
    parser.add_argument("--only", default="", help="transformations whose name has this word")
    options = parser.parse_args(arguments)
    tried = files = applied = dropped = faulty = 0
    for subject in [s for s in subjects() if s.kind == "bad"][:: options.every]:
        for name, transform in TRANSFORMATIONS.items():
            variant = transform(subject.module) if options.only in name else None
            for file, raw in (variant.contents() if variant is not None else {}).items():
                tried += 1
                for upto in (Applicability.SAFE, Applicability.UNSAFE):
                    result = fixed(raw, file, alone(file, subject.settings), upto)
                    files += result.after is not None
                    applied += sum(result.applied.values())
                    dropped += len(result.dropped)
                    faulty += bool(result.faults)
                    for fault in result.faults:
                        print(f"{subject.name} ({name}, {file}) [{upto.value}]: {fault}", flush=True)
    print(
        f"{tried} files, {files} of them changed, {applied} fixes applied, {dropped} dropped, {faulty} results faulty"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
