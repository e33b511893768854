"""The programs that are transformed, and what the linter says of each form of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import libcst as cst

from fixtures.programs import folders
from peftlint.linter import Options, check_paths, check_text
from peftlint.rules.registry import builtin_rules
from peftlint.settings import Settings
from tests.metamorphic.tags import Places, tagged, untagged
from tests.programs.reading import MARKER, PACKAGES, programs

#: a code and the number of the statement at which it stands (None: at no statement of the program)
Verdict = set[tuple[str, "int | None"]]


def _plain(text: str) -> bytes:
    return text.encode()


@dataclass
class Variant:
    """A form of a program: the files, their statements numbered, and how each text becomes bytes."""

    files: dict[str, str]
    encode: Callable[[str], bytes] = _plain
    #: for a notebook: the numbered cells; `encode` then has nothing to do
    cells: list[str] = field(default_factory=list)
    #: makes the notebook of the cells' texts
    notebook: Callable[[list[str]], bytes] | None = None

    @classmethod
    def of(cls, module: cst.Module | str, encode: Callable[[str], bytes] = _plain) -> Variant:
        return cls({"program.py": module if isinstance(module, str) else module.code}, encode)

    def contents(self) -> dict[str, bytes]:
        """What the linter is given."""
        if self.notebook is not None:
            return {"program.ipynb": self.notebook([untagged(cell) for cell in self.cells])}
        return {name: self.encode(untagged(text)) for name, text in self.files.items()}


@dataclass(frozen=True)
class Subject:
    """One program of fixtures/ or tests/programs/, without its markers."""

    name: str
    text: str
    kind: str
    codes: frozenset[str]
    targets: tuple[tuple[str, str], ...] = ()

    @cached_property
    def module(self) -> cst.Module:
        return tagged(self.text)

    @property
    def settings(self) -> Settings:
        return Settings(
            select=tuple(sorted(self.codes)),
            targets={package: f"=={release}" for package, release in self.targets},
        )

    def verdict(self, variant: Variant) -> Verdict:
        """The findings in a form of the program, by the statements at which they stand."""
        contents = variant.contents()
        if len(contents) == 1:
            ((name, raw),) = contents.items()
            # in no project, whose releases would be taken
            report = check_text(raw, os.path.join(os.sep, "forms", name), self.settings, Options())
            assert not report.errors, report.errors
            findings = list(report.diagnostics)
        else:
            with tempfile.TemporaryDirectory() as folder:
                for name, raw in contents.items():
                    (Path(folder) / name).parent.mkdir(exist_ok=True)
                    (Path(folder) / name).write_bytes(raw)
                result = check_paths([folder], self.settings, Options(jobs=1))
            assert not result.errors, result.errors
            findings = list(result.findings)
        texts = {Path(name).name: text for name, text in variant.files.items()}
        places: dict[str | int, Places] = {}
        verdict: Verdict = set()
        for found in findings:
            where = Path(found.path).name if found.cell is None else found.cell
            if where not in places:
                text = variant.cells[where] if isinstance(where, int) else texts[where]
                places[where] = Places.of(text)
            verdict.add((found.code, places[where].number(found.span.line, found.span.column)))
        return verdict

    @cached_property
    def baseline(self) -> Verdict:
        return self.verdict(Variant.of(self.module))


def _default_codes() -> frozenset[str]:
    return frozenset(c for c, rule in builtin_rules().items() if rule.default and rule.family != "PEFT0")


def subjects() -> list[Subject]:
    """All programs of one Python file, in a fixed order."""
    default, found = _default_codes(), []
    for folder in folders():
        for program in folder.programs("bad", "good", "fixed"):
            found.append(
                Subject(
                    program.id,
                    program.unmarked,
                    program.kind,
                    default | {folder.code},
                    tuple(program.targets.items()),
                )
            )
    for page in programs():
        if page.path.suffix == ".py" and not page.name.startswith(PACKAGES):
            releases = tuple((package, release.lstrip("=")) for package, release in page.targets.items())
            text = MARKER.sub("", page.path.read_text(encoding="utf-8"))
            found.append(Subject(page.name, text, "bad" if page.expected else "good", default, releases))
    return found
