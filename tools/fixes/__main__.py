"""`python -m tools.fixes FOLDER...`: tries every fix in trees of real code, in memory, and says what is wrong with the results.

Each folder is linted once as a project, with all rules or those of `--select`. Each file with a fix is then fixed (safe fixes; all
of them, if some are unsafe), and the result is looked at: it parses, a second run changes nothing, what was fixed is gone, no
finding is new, statements that were not touched mean what they meant, comments and layout are kept, no name is without a
definition and no import without a use that was not before (ruff). Last, all results are put into a copy of the tree, where the
files that import a changed one must say what they said before. Nothing is written to the folders.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from peftlint.settings import Settings
from tools.fixes.trees import Tried, try_tree

#: those of upgrades in full, and the code in pages
WIDE = Settings(respect_gitignore=False, markdown=True, upgrading=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fixes", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="PACKAGE==RELEASE",
        help="a release in use, where it is not to be detected",
    )
    parser.add_argument("--select", action="append", metavar="CODE", help="rules (default: ALL)")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the changes")
    options = parser.parse_args(arguments)
    settings = replace(
        WIDE,
        select=tuple(options.select or ["ALL"]),
        targets=dict(target.split("==") for target in options.target),
    )
    total = Tried()
    for path in options.paths:
        started = time.monotonic()
        tried = try_tree(path, settings, options.jobs, options.show)
        total += tried
        print(f"{path.name}: {tried}; {time.monotonic() - started:.0f} s", flush=True)
    print(f"{len(options.paths)} trees: {total}")
    for code, count in sorted(total.applied.items()):
        print(f"  {code} {count}")
    for reason, count in Counter(total.reasons).most_common():
        print(f"  dropped: {count} x {reason}")
    return 1 if total.faulty else 0


if __name__ == "__main__":
    sys.exit(main())
