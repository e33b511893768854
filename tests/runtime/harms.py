"""harms.md: every harm as a program, and what each way of looking says of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from fixtures.measure import models, unrecorded
from fixtures.programs import Program, Run, run
from fixtures.workspace import pristine
from peftlint.runtime.folder.adapter import find_adapters
from peftlint.runtime.folder.audit import audit
from peftlint.runtime.folder.full_model import FILES
from peftlint.runtime.live.check import check
from peftlint.runtime.live.handles import uncompiled
from tests.proof.linting import default_codes, lint

PAGE = Path(__file__).with_name("harms.md")
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Harm:
    """One section of harms.md. `note`: the sentence beside the program, if there is one."""

    chapter: str
    title: str
    program: str
    note: str

    @property
    def releases(self) -> dict[str, str]:
        """Those that the harm belongs to, by package, if it is not in the installed ones."""
        return dict(re.findall(r"(\w+)==([\d.]+\d)", self.note)) if self.note.startswith("On ") else {}


@dataclass
class Measured:
    """The codes that each way of looking gives for one program; `crash` is the name of the exception."""

    static: set[str] = field(default_factory=set)
    adapter: set[str] = field(default_factory=set)
    runtime: set[str] = field(default_factory=set)
    stale_cache: float = 0.0
    crash: str = ""


def harms() -> list[Harm]:
    """All of harms.md, in its order."""
    text = PAGE.read_text(encoding="utf-8")
    opening = _BLOCK.search(text)
    assert opening is not None
    found = []
    for chapter in re.split(r"^# ", text[opening.end() :], flags=re.M)[1:]:
        name, *sections = re.split(r"^## ", chapter, flags=re.M)
        for section in sections:
            title, _, body = section.partition("\n")
            (program,) = _BLOCK.findall(body)
            note = " ".join(_BLOCK.sub("", body).split())
            found.append(Harm(name.strip(), title.strip(), f"{opening[1]}\n{program}", note))
    return found


def linted(harm: Harm) -> Measured:
    """What the linter says of the text by default."""
    return Measured(static={d.code for d in lint(harm.program, default_codes(), harm.releases)})


def measure(harm: Harm) -> Measured:
    """Lint the program, run it, and look at what it left."""
    found = linted(harm)
    if harm.releases:
        return found
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(harm.program, encoding="utf-8")
        with run(Program(path)) as done, unrecorded():
            found.crash = type(done.error).__name__ if done.error is not None else ""
            base = "tiny-bert" if "tiny-bert" in harm.program else "tiny-llama"
            look_at(done, found, done.namespace.get("reference"), pristine().provide(base))
    return found


def look_at(done: Run, found: Measured, reference: Any = None, base: Path | None = None) -> None:
    """Check the models that a program left, with its optimizer, and audit what it saved."""
    names = done.namespace
    optimizers = [v for v in names.values() if isinstance(v, torch.optim.Optimizer)]
    optimizers += [
        o
        for v in names.values()
        if (o := getattr(v, "optimizer", None)) is not None and hasattr(o, "param_groups")
    ]
    pipelines = {name: v for name, v in names.items() if isinstance(getattr(v, "components", None), dict)}
    for model in adapter_models({**models(done), **pipelines}):
        if model is reference:
            continue
        own = {id(p) for p in model.parameters()} if isinstance(model, torch.nn.Module) else set()
        groups = ((o, {id(p) for group in o.param_groups for p in group["params"]}) for o in optimizers)
        optimizer = next((o for o, held in groups if held & own), None)
        training = True if optimizer else None
        report = check(model, training=training, optimizer=optimizer, reference=reference)
        found.runtime |= report.codes
        caches = [part.stale_cache.largest for part in report.parts if part.stale_cache is not None]
        found.stale_cache = max(found.stale_cache, *caches) if caches else found.stale_cache
    saved = [folder for folder in find_adapters(done.workspace) if is_new(folder, done.workspace)]
    saved += [f for f in find_adapters(done.workspace, FILES) if f not in saved and is_new(f, done.workspace)]
    if saved:
        found.adapter = {d.code for d in audit(saved, base=base).diagnostics}


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


def codes(found: set[str]) -> str:
    return ", ".join(sorted(found)) or "-"


def beginning(harm: Harm, found: Measured) -> str:
    """The part of the row that needs no run."""
    return f"| {harm.title} | {codes(found.static)} |"


def row(harm: Harm, found: Measured) -> str:
    """One row of the table."""
    if harm.releases:
        return f"{beginning(harm, found)} (not run) | (not run) | {harm.note} |"
    live = codes(found.runtime)
    if found.stale_cache and "as a finding" in harm.note:
        live = f"(measured: {found.stale_cache:.0f})"
    note = re.sub(r"^Crash[^\w`]*(later)?[^\w`]*", "", harm.note)
    if found.crash:
        note = f"raises {found.crash}. {note}".strip()
    return f"{beginning(harm, found)} {codes(found.adapter)} | {live} | {note} |"
