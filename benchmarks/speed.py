"""How fast peftlint is beside its peers: wall time, CPU time and peak memory on the same trees in the same run.

    python benchmarks/speed.py --transformers DIR --peft DIR --page docs/benchmarks.md

DIR are unpacked source distributions, of transformers 5.23.0 and peft 0.21.2 for the published page. Each peer is
installed from the registry into an environment of its own (`--environments`, made where it is missing). Every figure
is the median of five runs, except that a peer's run of more than `--long` seconds is not repeated, and that a peer that
takes more than `--limit` seconds is stopped; the table says so. CPU time is that of all processes of a run together, and
the one to compare where others use the machine too. peftlint runs from byte code, as it does where pip installs it.

With the defaults it takes 15 to 25 minutes on two cores that are otherwise idle. `--only` measures a part; with `--json`
the figures are kept as they are made, and a later run with the same file adds to them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

BYTECODE = Path(tempfile.gettempdir()) / f"peftlint-bytecode-{os.getpid()}"
#: requirement of each peer
PEERS = {
    "ruff": ["ruff"],
    "flake8": ["flake8", "flake8-bugbear"],
    "fixit": ["fixit"],
    "torchfix": ["torchfix"],
    "semgrep": ["semgrep"],
    "ast-grep": ["ast-grep-cli"],
}
PARTS = ["start", "script", "editor", "part", "peft", "transformers", "scaling"]
RULE_SEMGREP = """\
rules:
  - id: add-adapter-from-pretrained
    languages: [python]
    severity: ERROR
    message: the adapter is created untrained
    pattern: $MODEL.add_adapter(PeftConfig.from_pretrained(...), ...)
"""
RULE_AST_GREP = """\
id: add-adapter-from-pretrained
language: python
rule:
  pattern: $MODEL.add_adapter(PeftConfig.from_pretrained($$$), $$$)
"""


@dataclass(frozen=True)
class Figure:
    """Seconds of wall and CPU time and megabytes of peak memory (of the largest process); how many runs."""

    wall: float
    cpu: float
    memory: float
    runs: int
    stopped: bool = False
    """The run was ended before it was through: the times are the least that it takes."""


class Stopped(Exception):
    """The time is up; with what the run had used by then."""


def once(
    command: list[str], environment: dict[str, str], limit: float = math.inf
) -> tuple[float, float, float]:
    """One run: wall seconds, CPU seconds, megabytes.

    Raises `RuntimeError` if the tool itself fails, and `Stopped` (with these three) if it takes longer than `limit`.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        stop = None
        if limit < math.inf:
            stop = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
            stop.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        if stop is not None:
            stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if wall >= limit and process.returncode == -signal.SIGKILL:
            raise Stopped(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        if process.returncode not in (0, 1):
            errors.seek(0)
            raise RuntimeError(f"{command}: exit code {process.returncode}\n{errors.read().decode()[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def environment_of(command: list[str]) -> dict[str, str]:
    """The variables of a run. What is not installed by pip has its byte code in a folder of its own."""
    found = {**os.environ, "OMP_NUM_THREADS": "1", "SEMGREP_SEND_METRICS": "off"}
    if command[0] == sys.executable:
        found |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
        found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def measured(command: list[str], repeat: int, long: float, limit: float = math.inf) -> Figure:
    """The median of the runs; a first run of more than `long` seconds is the only one."""
    environment = environment_of(command)
    runs: list[tuple[float, float, float]] = []
    while len(runs) < repeat and not (runs and runs[0][0] > long):
        try:
            runs.append(once(command, environment, limit))
        except Stopped as stopped:
            return Figure(*stopped.args, 1, True)
    wall, cpu, memory = (statistics.median(column) for column in zip(*runs, strict=True))
    return Figure(wall, cpu, memory, len(runs))


def environments(folder: Path) -> dict[str, Path]:
    """The folder of executables of each peer, installed if it is missing."""
    found: dict[str, Path] = {}
    for name, requirements in PEERS.items():
        place = folder / name
        executables = place / ("Scripts" if os.name == "nt" else "bin")
        if not executables.exists():
            venv.create(place, with_pip=True)
            subprocess.run([executables / "python", "-m", "pip", "install", "-q", *requirements], check=True)
        found[name] = executables
    return found


def commands(bins: dict[str, Path], work: Path) -> dict[str, list[str]]:
    """The command of each tool, to which a path is added."""
    (work / "semgrep.yml").write_text(RULE_SEMGREP)
    (work / "ast-grep.yml").write_text(RULE_AST_GREP)
    ours = [sys.executable, "-m", "peftlint", "--isolated", "-q", "--no-respect-gitignore", "--exit-zero"]
    ruff = [str(bins["ruff"] / "ruff"), "check", "-q", "--isolated", "--exit-zero", "--select", "F"]
    return {
        "peftlint": [*ours, "--no-cache"],
        "peftlint, warm": [*ours, "--cache-dir", str(work / "cache")],
        "ruff": [*ruff, "--no-cache"],
        "ruff, warm": [*ruff, "--cache-dir", str(work / "ruff")],
        "flake8": [str(bins["flake8"] / "flake8"), "--isolated", "--exit-zero", "--select", "F,B"],
        "fixit": [str(bins["fixit"] / "fixit"), "lint"],
        "torchfix": [str(bins["torchfix"] / "torchfix"), "--select=ALL"],
        "semgrep": [
            str(bins["semgrep"] / "semgrep"), "scan", "--quiet", "--disable-version-check", "--metrics=off",
            "--no-git-ignore", "--config", str(work / "semgrep.yml"),
        ],
        "ast-grep": [str(bins["ast-grep"] / "ast-grep"), "scan", "--no-ignore=vcs", "--rule", str(work / "ast-grep.yml")],
    }  # fmt: skip


def script_of(lines: int) -> str:
    """A PEFT script of that many lines: adapters made, trained, switched and used, function by function."""
    head = "import torch\nfrom peft import LoraConfig, PeftModel, get_peft_model\nfrom transformers import AutoModelForCausalLM\n\n"
    parts = [head]
    count = head.count("\n")
    number = 0
    while count < lines:
        body = (
            f"\ndef run_{number}(path, batches):\n"
            '    base = AutoModelForCausalLM.from_pretrained("base")\n'
            f'    model = PeftModel.from_pretrained(base, path, adapter_name="task_{number}")\n'
            f'    model.load_adapter(path + "/other", adapter_name="other_{number}")\n'
            f'    model.set_adapter("other_{number}")\n'
            "    losses = []\n"
            "    for batch in batches:\n"
            "        with torch.no_grad():\n"
            "            losses.append(float(model(**batch).loss))\n"
            "    if not losses:\n"
            "        raise ValueError(path)\n"
            f'    print("task_{number}", sum(losses) / len(losses))\n'
            "    return model\n\n"
        )
        parts.append(body)
        count += body.count("\n")
        number += 1
    return "".join(parts)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """The slope of log(cost) over log(size), by least squares."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def scaling(ours: list[str], work: Path, repeat: int) -> dict[str, list[tuple[int, Figure]]]:
    """Cost over the number of files (copies of the programs of the tests) and over the length of one file."""
    files: list[tuple[int, Figure]] = []
    programs = sorted((ROOT / "tests" / "programs").rglob("*.py"))[::4]
    for factor in (1, 2, 4, 8):
        tree = work / f"copies-{factor}"
        for copy in range(factor):
            (tree / f"copy_{copy}").mkdir(parents=True)
            for number, program in enumerate(programs):
                shutil.copy(program, tree / f"copy_{copy}" / f"{number}_{program.name}")
        count = sum(1 for _ in tree.rglob("*.py"))
        files.append((count, measured([*ours, "-j1", str(tree)], repeat, math.inf)))
        say("files", count, files[-1][1])
    lengths: list[tuple[int, Figure]] = []
    for lines in (1_000, 5_000, 10_000, 20_000, 50_000):
        script = work / f"lines_{lines}.py"
        script.write_text(script_of(lines))
        lengths.append((lines, measured([*ours, "-j1", str(script)], repeat, math.inf)))
        say("lines", lines, lengths[-1][1])
    return {"files": files, "lines": lengths}


def edits_of(work: Path) -> dict[str, dict[str, float]]:
    """The language server's times for edits, by the number of lines of the document."""
    from speed_editor import edit_times, summary

    environment = environment_of([sys.executable])
    return {
        str(lines): summary(edit_times(script_of(lines), work, 60, environment)) for lines in (100, 1_000)
    }


_started = time.monotonic()


def say(*words: object) -> None:
    print(f"{time.monotonic() - _started:6.0f} s ", *words, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transformers", type=Path, help="unpacked source distribution of transformers")
    parser.add_argument("--peft", type=Path, help="unpacked source distribution of peft")
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "peftlint-peers")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument(
        "--long", type=float, default=5, help="runs of a peer of more seconds are not repeated"
    )
    parser.add_argument("--limit", type=float, default=40, help="peers that take more seconds are stopped")
    parser.add_argument("--only", nargs="*", choices=PARTS)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--page", type=Path, help="where to write the page (and the plot beside it)")
    options = parser.parse_args()
    wanted = options.only or PARTS
    data = Data(options.json)
    try:
        with tempfile.TemporaryDirectory() as name:
            measure(options, wanted, Path(name), data)
    finally:
        shutil.rmtree(BYTECODE, ignore_errors=True)
    from speed_page import render

    text, plot = render(data.content)
    print(text)
    if options.page is not None:
        options.page.write_text(text, encoding="utf-8")
        options.page.with_suffix(".svg").write_text(plot, encoding="utf-8")


class Data:
    """The figures so far; written to the file, if there is one, as they are made."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.content: dict[str, Any] = {"figures": {}, "editor": {}, "scaling": {}, "exponents": {}}
        if file is not None and file.exists():
            self.content |= json.loads(file.read_text())
        self.content["machine"] = (
            f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        )

    def add(self, tree: str, tool: str, figure: Figure) -> None:
        say(tree, tool, figure)
        self.content["figures"].setdefault(tree, {})[tool] = vars(figure)
        self.write()

    def write(self) -> None:
        if self.file is not None:
            self.file.write_text(json.dumps(self.content, indent=1))


def measure(options: argparse.Namespace, wanted: list[str], work: Path, data: Data) -> None:
    """Run all that is wanted."""
    tools = commands(environments(options.environments), work)
    repeat = options.repeat
    (work / "script.py").write_text(script_of(100))
    (work / "plain.py").write_text(script_of(100).replace("peft", "tfep").replace("adapter", "module"))
    once([*tools["peftlint"], str(work / "script.py")], environment_of(tools["peftlint"]))  # compiles
    if "start" in wanted:
        module = [sys.executable, "-m", "peftlint"]
        for title, command in {
            "python -c pass": [sys.executable, "-c", "pass"],
            "peftlint --version": [*module, "--version"],
            "peftlint --help": [*module, "--help"],
            "peftlint, a script that the gate drops": [*tools["peftlint"], str(work / "plain.py")],
        }.items():
            data.add("start", title, measured(command, repeat, options.long))
    trees: dict[str, Path] = {"script": work / "script.py"}
    if options.peft is not None:
        trees["part"] = work / "part"
        trees["part"].mkdir()
        for path in sorted(next(options.peft.rglob("src/peft")).glob("*.py")):
            shutil.copy(path, trees["part"])
        trees["peft"] = options.peft
    if options.transformers is not None:
        trees["transformers"] = options.transformers
    for tree, path in trees.items():
        for tool in tools if tree in wanted else ():
            command = [*tools[tool], str(path)]
            if tool.endswith("warm"):
                once(command, environment_of(command))
            own = tool.startswith("peftlint")
            long, limit = (math.inf, math.inf) if own else (options.long, options.limit)
            data.add(tree, tool, measured(command, repeat, long, limit))
    if "editor" in wanted:
        (work / "edited").mkdir()
        data.content["editor"] = edits_of(work / "edited")
        say("editor", data.content["editor"])
        data.write()
    if "scaling" in wanted:
        growth = scaling(tools["peftlint"], work, min(repeat, 3))
        data.content["scaling"] = {k: [[size, vars(f)] for size, f in rows] for k, rows in growth.items()}
        data.content["exponents"] = {
            kind: round(exponent((size, f.cpu) for size, f in rows), 3) for kind, rows in growth.items()
        }
        data.write()


if __name__ == "__main__":
    main()
