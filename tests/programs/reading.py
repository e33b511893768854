"""The programs of this folder: what each is expected to give, and what the linter gives."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peftlint.linter import Options, check_paths
from peftlint.settings import Settings

ROOT = Path(__file__).parent
#: folder whose sub-folders are programs of several files
PACKAGES = "packages"
SUFFIXES = (".py", ".ipynb", ".md")

MARKER = re.compile(r"[ \t]*# expect: (?P<codes>PEFT\d{3}(?:, PEFT\d{3})*)[ \t]*$", re.MULTILINE)
TARGET = re.compile(r"^# target: (?P<requirements>.+)$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Finding:
    """A code at a line of a file (path within the program; in a notebook: index of the cell, line in it)."""

    path: str
    cell: int
    line: int
    code: str

    def __str__(self) -> str:
        cell = "" if self.cell < 0 else f"cell {self.cell}, "
        return f"{self.path}: {cell}line {self.line}: {self.code}"


@dataclass
class Program:
    """One program, with the findings that its markers demand."""

    name: str
    path: Path
    expected: set[Finding] = field(default_factory=set)
    targets: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        if self.path.is_file():
            return [self.path]
        files = (file for file in self.path.rglob("*") if "__pycache__" not in file.parts)
        return sorted(file for file in files if file.is_file())

    def relative(self, file: Path) -> str:
        base = self.path if self.path.is_dir() else self.path.parent
        return file.relative_to(base).as_posix()


def programs() -> list[Program]:
    """All programs, by name."""
    found = []
    for folder in sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"):
        for path in sorted(folder.iterdir()):
            if path.suffix in SUFFIXES or folder.name == PACKAGES:
                program = Program(f"{folder.name}/{path.name}", path)
                for file in program.files:
                    _read_markers(program, file)
                found.append(program)
    return found


def _read_markers(program: Program, file: Path) -> None:
    for cell, text in _texts(file):
        for number, line in enumerate(text.splitlines(), 1):
            if match := MARKER.search(line):
                for code in match["codes"].split(", "):
                    program.expected.add(Finding(program.relative(file), cell, number, code))
        for target in TARGET.finditer(text):
            for requirement in target["requirements"].split():
                package, _, release = requirement.partition("==")
                program.targets[package] = f"=={release}"


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """The texts of a file that may hold markers, each with the index of its cell (-1: not a notebook)."""
    if file.suffix == ".ipynb":
        for index, cell in enumerate(json.loads(file.read_text(encoding="utf-8"))["cells"]):
            source = cell["source"]
            yield index, source if isinstance(source, str) else "".join(source)
    elif file.suffix in SUFFIXES:
        yield -1, file.read_text(encoding="utf-8")


def _copy(file: Path, destination: Path) -> None:
    """Copies a file without its markers: they must not help the linter, nor change what it sees."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".ipynb":
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source = cell["source"]
            lines = source if isinstance(source, list) else source.splitlines(True)
            cell["source"] = [MARKER.sub("", line) for line in lines]
        destination.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
    elif file.suffix in SUFFIXES:
        destination.write_text(MARKER.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copy(file, destination)


def check(program: Program, workspace: Path) -> tuple[set[Finding], list[str]]:
    """Findings of the default rules in the program (copied into `workspace`), and errors of reading it."""
    copies = {}
    for file in program.files:
        copy = workspace / program.relative(file)
        _copy(file, copy)
        copies[copy.resolve()] = program.relative(file)
    # A page or a file is named itself; a package is checked as a directory, as its authors would do it.
    paths = [workspace] if program.path.is_dir() else list(copies)
    result = check_paths(paths, Settings(targets=program.targets), Options(jobs=1))
    findings = {
        Finding(
            copies[Path(diagnostic.path).resolve()],
            -1 if diagnostic.cell is None else diagnostic.cell,
            diagnostic.span.line,
            diagnostic.code,
        )
        for diagnostic in result.findings
    }
    return findings, [f"{error.path}:{error.line}: {error.message}" for error in result.errors]
