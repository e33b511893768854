"""`python -m tools.mutation fixes --sample 200`: changes the code at random places and runs the tests that reach them.

A mutant that no test fails on has survived: a test is missing, or the change makes no difference. The mutants are those of
mutmut (`pip install mutmut`): it changes the bodies of functions, and not decorated ones nor what stands outside of them. The work
is done in a copy, so the checkout stays as it is.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Part:
    """A part of the package: its modules, and the tests that are to notice changes in them, without a model in memory."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


PROGRAMS = ("tests/test_programs.py",)
PARTS = {
    "fixes": Part(
        ("peftlint/fixes/*.py", "peftlint/fixing.py"), ("tests/fixes", "tests/faults/test_writing_faults.py")
    ),
    "suppression": Part(
        ("peftlint/suppression.py", "peftlint/comments.py", "peftlint/baseline.py"),
        ("tests/cli/test_suppression.py", "tests/cli/test_baseline.py"),
    ),
    "gate": Part(("peftlint/gate.py",), ("tests/cli/test_gate.py",)),
    "interpreter": Part(
        tuple(
            f"peftlint/semantics/{name}.py"
            for name in (
                "arguments blocks branches calls classes core definitions expressions following handling interpreter iteration"
                " joining loops objects operators paths state statements trials values"
            ).split()
        ),
        ("tests/semantics", *PROGRAMS),
    ),
    "effects": Part(("peftlint/semantics/effects/*.py",), PROGRAMS),
}
#: what mutmut calls the outcomes that count as noticed
NOTICED = ("killed", "timeout", "segfault", "suspicious", "caught by type check")


def make_copy(part: Part, work: Path) -> None:
    """A copy of the tracked files, set up for mutmut."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, work / name)
    settings = [
        "",
        "[tool.mutmut]",
        'source_paths = ["peftlint"]',
        f"only_mutate = {_toml(part.modules)}",
        f"pytest_add_cli_args_test_selection = {_toml(part.tests)}",
        'pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:randomly"]',
        'also_copy = ["fixtures", "docs", "README.md", "tools"]',
        "use_git_change_detection = false",
        "track_dependencies = false",
    ]
    with (work / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(settings) + "\n")


def _toml(items: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{item}"' for item in items) + "]"


def outcomes(work: Path) -> dict[str, str]:
    """What mutmut knows of each mutant, by its name."""
    text = _mutmut(work, "results", "--all", "true")
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, outcome = line.strip().partition(": ")
        if separator and "__mutmut_" in name:
            found[name] = outcome
    return found


def _mutmut(work: Path, *arguments: str, seconds: float | None = None) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    with subprocess.Popen(
        command,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            # the mutant that runs now is a child: what ran before is on disk
            os.killpg(process.pid, signal.SIGKILL)
            return process.communicate()[0]


def tried(work: Path, sample: int, seed: int, seconds: float, jobs: int) -> dict[str, str]:
    """Runs a random sample of the mutants, in pieces until the time is up; the outcomes of those that ran."""
    # the first run makes the mutants, and notes which test reaches which function
    output = _mutmut(work, "run", "--max-children", str(jobs), "no mutant has this name")
    names = sorted(outcomes(work))
    if (
        not names
        or "failed to collect stats" in output.lower()
        or "failed to run clean test" in output.lower()
    ):
        raise SystemExit(f"the tests do not pass without a mutant, or there is none:\n{output[-3000:]}")
    random.Random(seed).shuffle(names)
    chosen = names[:sample] if sample else names
    print(f"{len(names)} mutants, {len(chosen)} chosen", flush=True)
    started = time.monotonic()
    done = 0
    while done < len(chosen) and (left := seconds - (time.monotonic() - started)) > 0:
        # each start of mutmut runs the tests twice: the pieces are large, and the last one may be cut short
        _mutmut(work, "run", "--max-children", str(jobs), *chosen[done : done + 100], seconds=left)
        done += 100
    known = outcomes(work)
    return {name: known[name] for name in chosen[:done] if known[name] != "not checked"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--sample", type=int, default=200, help="mutants, at random (0: all; default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1200, help="begin no more mutants after this time")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--work", type=Path, help="directory for the copy, which is kept (default: a temporary one)"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="peftlint-mutation-") as temporary:
        work = options.work or Path(temporary)
        if not (work / "pyproject.toml").exists():
            work.mkdir(parents=True, exist_ok=True)
            make_copy(PARTS[options.part], work)
        found = tried(work, options.sample, options.seed, options.seconds, options.jobs)
        counts = Counter("noticed" if outcome in NOTICED else outcome for outcome in found.values())
        total = sum(counts.values())
        noticed = f"{counts['noticed']} noticed ({counts['noticed'] / max(total, 1):.0%})"
        others = [f"{count} {outcome}" for outcome, count in counts.items() if outcome != "noticed"]
        print(
            f"{options.part}: {total} mutants tried, {noticed}, {', '.join(others) or 'none survived'}",
            flush=True,
        )
        for name, outcome in found.items():
            if outcome not in NOTICED:
                print(f"\n{outcome}: " + _mutmut(work, "show", name).strip(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
