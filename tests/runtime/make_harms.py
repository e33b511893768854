"""Writes docs/harms.md: which harms the linter, the folder audit and the live check find. All of it is
measured.

`python -m tests.runtime.make_harms --write` runs the wrong programs of fixtures/ (the first two of each
rule), checks the models that they leave and audits what they save; what the linter flags in them is marked in
the programs, and tests/test_proof.py proves the marks. The second and third tables are those of
test_folder.py and test_live.py, which the test suite runs. `--good` lists what is said about programs that
are right; CODE ... prints those rows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from fixtures.measure import models, unrecorded
from fixtures.programs import Folder, Program, folders, run
from fixtures.workspace import pristine
from peftlint.runtime.codes import registry
from peftlint.runtime.folder.adapter import find_adapters
from peftlint.runtime.folder.audit import audit
from peftlint.runtime.folder.full_model import FILES
from peftlint.runtime.live.check import check
from peftlint.runtime.live.handles import uncompiled

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "harms.md"
PROGRAMS = 2


@dataclass
class Measured:
    """The codes that each way of looking gives for one program."""

    static: set[str] = field(default_factory=set)
    adapter: set[str] = field(default_factory=set)
    runtime: set[str] = field(default_factory=set)
    ran: bool = True


def measure(program: Program) -> Measured:
    """Run the program and look at what it left."""
    marked = program.expected() | program.expected("expect-strict")
    found = Measured(static={code for _, code in marked})
    if "not run" in program.headers or program.targets:
        found.ran = False
        return found
    with run(program) as done, unrecorded():
        optimizers = [v for v in done.namespace.values() if isinstance(v, torch.optim.Optimizer)]
        optimizers += [
            o
            for v in done.namespace.values()
            if (o := getattr(v, "optimizer", None)) is not None and hasattr(o, "param_groups")
        ]
        pipelines = {
            name: v for name, v in done.namespace.items() if isinstance(getattr(v, "components", None), dict)
        }
        for model in adapter_models({**models(done), **pipelines}):
            own = {id(p) for p in model.parameters()} if isinstance(model, torch.nn.Module) else set()
            groups = ((o, {id(p) for group in o.param_groups for p in group["params"]}) for o in optimizers)
            optimizer = next((o for o, held in groups if held & own), None)
            found.runtime |= check(model, training=True if optimizer else None, optimizer=optimizer).codes
        saved = [folder for folder in find_adapters(done.workspace) if is_new(folder, done.workspace)]
        saved += [
            f for f in find_adapters(done.workspace, FILES) if f not in saved and is_new(f, done.workspace)
        ]
        if saved:
            found.adapter = {d.code for d in audit(saved).diagnostics if d.code != "PEFT538"}
    return found


def adapter_models(named: dict[str, Any]) -> Iterator[Any]:
    """Those that have, or should have, adapters; of several names of one object the first."""
    from peft import PeftModel

    seen: set[int] = set()
    for model in named.values():
        inner = uncompiled(model)
        has_adapters = (
            isinstance(inner, PeftModel)
            or getattr(inner, "_hf_peft_config_loaded", False)
            or hasattr(inner, "components")
        )
        if has_adapters and id(inner) not in seen:
            seen.add(id(inner))
            yield inner


def is_new(folder: Path, workspace: Path) -> bool:
    """Not one of the folders that the workspace began with, or changed since."""
    before = pristine().root / folder.relative_to(workspace)
    files = [file for file in folder.iterdir() if file.is_file()]
    return not all(
        (before / file.name).exists() and (before / file.name).read_bytes() == file.read_bytes()
        for file in files
    )


def row(folder: Folder) -> str:
    """One row of the first table: what any of the folder's programs shows."""
    every = [measure(program) for program in folder.programs("bad")[:PROGRAMS]]

    def codes(name: str) -> str:
        return ", ".join(sorted(set().union(*(getattr(one, name) for one in every)))) or "-"

    runtime = codes("runtime") if any(one.ran for one in every) else "(not run here)"
    return f"| {folder.name} | {codes('static')} | {codes('adapter')} | {runtime} |"


def surprises() -> Iterator[str]:
    """What is said about programs that are right (the first three of each rule): each line is to be read by
    eye.
    """
    for folder in folders():
        for program in folder.programs("good")[:3]:
            found = measure(program)
            if found.adapter or found.runtime:
                yield f"{program.id}: adapter {sorted(found.adapter)}, runtime {sorted(found.runtime)}"


HEAD = """# What finds which harm

Measured by `python -m tests.runtime.make_harms --write`; tests/runtime/test_harms.py checks it.

## Wrong programs

The wrong programs in fixtures/ (the first two of each rule), run on tiny models. *Linter*: what is flagged in
the text. *Saved*: what `peftlint adapter` says of the folders that the program writes. *Live*: what `peftlint
runtime` says of the models (and optimizers) that it leaves. "-": nothing; much of it leaves no trace in a
model or file, or the program fails at once.

| harm | linter | saved | live |
|---|---|---|---|
"""


def folder_table() -> str:
    """The folders of test_folder.py, each made wrong in one way."""
    from tests.runtime.test_folder import SICK

    rows = "".join(f"| {name} | {code} {registry()[code].name} |\n" for name, (code, _, _) in SICK.items())
    return (
        "## Saved adapters\n\nFolders made wrong in one way (tests/runtime/test_folder.py).\n\n| harm | "
        "found as |\n|---|---|\n" + rows
    )


def live_table() -> str:
    """The models of test_live.py, each harmed in one way."""
    from tests.runtime.test_live import HARMS

    rows = "".join(
        f"| {harm.__name__.replace('_', ' ')} | "
        f"{', '.join(f'{c} {registry()[c].name}' for c in sorted(found))} |\n"
        for harm, found in HARMS.items()
    )
    return (
        "## Models in memory\n\nModels harmed in one way (tests/runtime/test_live.py).\n\n| harm | found as "
        "|\n|---|---|\n" + rows
    )


def write() -> None:
    rows = "".join(row(folder) + "\n" for folder in folders())
    PAGE.write_text(f"{HEAD}{rows}\n{folder_table()}\n{live_table()}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--good"]:
        for line in surprises():
            print(line, flush=True)
    elif sys.argv[1:] == ["--write"]:
        write()
    else:
        for wanted in folders():
            if len(sys.argv) < 2 or wanted.code in sys.argv[1:]:
                print(row(wanted), flush=True)
