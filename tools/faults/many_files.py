"""`python -m tools.faults.many_files [--files 100000]`: a tree of many files, of which some have a mistake; what checking and fixing it takes.

Prints seconds, memory and findings of a cold run, a warm one, and one that fixes. Exit code 1 if a finding is missing. POSIX only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.faults.kills import WRONG

ROOT = Path(__file__).parents[2]
PLAIN = "import os\n\n\ndef join(folder):\n    return os.path.join(folder, 'a{number}')\n"
#: one file in so many is wrong
EVERY = 1000


def make_tree(root: Path, files: int) -> int:
    """Writes the files, a hundred in a folder; gives how many are wrong."""
    wrong = 0
    for number in range(files):
        folder = root / f"p{number // 1000}" / f"d{number // 100}"
        if number % 100 == 0:
            folder.mkdir(parents=True)
        is_wrong = number % EVERY == EVERY // 2
        wrong += is_wrong
        (folder / f"m{number}.py").write_text(WRONG if is_wrong else PLAIN.format(number=number))
    return wrong


def measured(title: str, root: Path, cache: Path, *options: str) -> dict[str, int]:
    """Runs the command and prints what it took; gives the counts of findings and errors, and of those fixed."""
    command = [
        sys.executable,
        "-m",
        "peftlint",
        "check",
        "--isolated",
        "--cache-dir",
        str(cache),
        "--output-format",
        "json",
    ]
    started = time.monotonic()
    done = subprocess.run(
        [*command, *options, str(root)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    # the largest of all processes that have ended so far
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report = json.loads(done.stdout)
    counts = {
        "findings": len(report["diagnostics"]),
        "errors": len(report["errors"]),
        "exit code": done.returncode,
    }
    words = ", ".join(f"{name} {count}" for name, count in counts.items())
    print(f"{title}: {seconds:.1f} s, at most {memory:.0f} MB, {words}", flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.faults.many_files", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "tree", Path(folder) / "cache"
        wrong = make_tree(root, given.files)
        print(f"{given.files} files, {wrong} of them wrong")
        seen = [measured("cold", root, cache), measured("warm", root, cache)]
        fixed = measured("fixed", root, cache, "--fix", "--unsafe-fixes")
        after = measured("after", root, cache)
    right = all(each == {"findings": wrong, "errors": 0, "exit code": 1} for each in seen)
    return 0 if right and fixed["findings"] == after["findings"] == after["errors"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
