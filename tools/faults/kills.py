"""`python -m tools.faults.kills --kills 500`: kills `--fix` at random moments; each file has to be old or new.

The command runs in a fork of a process that has imported everything, so that the moments fall into its work and
not into its imports, and hundreds of kills take a minute. POSIX only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

#: a program that `--fix` changes
WRONG = """\
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
model.set_adapter("math")
print(model.generate(inputs))
"""
#: as many programs, half as many notebooks, and a module with the script that imports it
FILES = 6
HELPER = """\
from peft import PeftConfig
from transformers import AutoModelForCausalLM


def load(name):
    model = AutoModelForCausalLM.from_pretrained("base")
    model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
    model.set_adapter("math")
    return model
"""
SCRIPT = """\
from helper import load

model = load("math")
print(model.generate(inputs))
"""


def notebook(*cells: str) -> str:
    """A notebook of these code cells."""
    made = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(True),
        }
        for cell in cells
    ]
    document = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1) + "\n"


@dataclass
class Tally:
    """How the killed runs left the tree. `between`: some files new, some old."""

    kills: int = 0
    untouched: int = 0
    between: int = 0
    finished: int = 0
    broken: list[str] = field(default_factory=list)


def forked(action: Callable[[], int], before: Callable[[], None] | None = None) -> int:
    """The id of a child process that runs the action silently and leaves with its exit code (120 after an exception)."""
    child = os.fork()
    if child:
        return child
    code = 120
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if before is not None:
            before()
        code = action()
    finally:
        os._exit(code)


def make_tree(root: Path, files: int = FILES) -> None:
    for number in range(files):
        folder = root / f"package{number % 2}"
        folder.mkdir(exist_ok=True, parents=True)
        (folder / f"module{number}.py").write_text(WRONG)
    for number in range(files // 2):
        first, rest = WRONG.split("\n\n", 1)
        (root / f"notebook{number}.ipynb").write_text(notebook(first, rest, "print('done')"))
    (root / "helper.py").write_text(HELPER)
    (root / "script.py").write_text(SCRIPT)


def contents(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.suffix in (".py", ".ipynb")
    }


def fix(root: Path) -> int:
    from peftlint.cli import run

    return run(["check", "--fix", "--unsafe-fixes", "--no-cache", str(root)])


def run_kills(kills: int, seed: int = 0) -> Tally:
    """Runs and kills; the tally says how each left the tree."""
    tally = Tally()
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        make_tree(root)
        old = contents(root)
        started = time.monotonic()
        fix(root)
        fix_time = time.monotonic() - started
        new = contents(root)
        if any(new[name] == old[name] for name in old if name != "script.py"):
            tally.broken.append("the run that was left alone did not fix everything")
        # the first run paid for what is imported late; another one says how long it really takes
        for attempt in range(kills + 1):
            shutil.rmtree(root)
            make_tree(root)
            started = time.monotonic()
            child = forked(lambda: fix(root))
            if attempt == 0:
                os.waitpid(child, 0)
                fix_time = time.monotonic() - started
                continue
            time.sleep(moments.uniform(0, fix_time * 1.1))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            tally.kills += 1
            _look(root, old, new, os.WIFSIGNALED(status), tally)
    return tally


def _look(root: Path, old: dict[str, str], new: dict[str, str], killed: bool, tally: Tally) -> None:
    now = contents(root)
    for name in old:
        if now.get(name) not in (old[name], new[name]):
            tally.broken.append(f"{name} is neither old nor new: {now.get(name, '')[:200]!r}")
    for path in root.rglob("*"):
        if (
            path.is_file()
            and path.suffix not in (".py", ".ipynb")
            and not (path.name[0] == "." and path.name.endswith(".tmp"))
        ):
            tally.broken.append(f"left behind: {path.relative_to(root)}")
    if now == new:
        tally.finished += 1
    elif now == old:
        tally.untouched += 1
    else:
        tally.between += 1
    del killed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.faults.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    tally = run_kills(given.kills, given.seed)
    print(*tally.broken, sep="\n", end="\n" if tally.broken else "")
    print(
        f"{tally.kills} kills: {tally.untouched} before any file was written, {tally.between} between two files, "
        f"{tally.finished} after the last; {len(tally.broken)} broken"
    )
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
