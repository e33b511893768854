"""Tries the fixes in a tree: each file for itself, then all of them together in a copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.discovery import discover, display_path
from peftlint.fixes.writing import write_atomically
from peftlint.gate import code_may_matter, may_matter
from peftlint.jobs import finished
from peftlint.linter import CLOSURE_LIMIT, Job, Options, check_paths
from peftlint.result import FileReport
from peftlint.semantics.project import Project
from peftlint.settings import Resolver, Settings
from peftlint.sources import read
from tools.fixes.checking import Check, codes_of_advice, fixed


@dataclass
class Tried:
    """What was tried. `applied`: fixes by code; `reasons`: why fixes were dropped; `faulty`: results with a fault."""

    findings: int = 0
    files: int = 0
    applied: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    faulty: int = 0
    #: advice of rules that are off unless selected, about what was written
    advice: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Tried) -> Tried:
        self.findings += other.findings
        self.files += other.files
        self.applied += other.applied
        self.reasons += other.reasons
        self.faulty += other.faulty
        self.advice += other.advice
        return self

    def __str__(self) -> str:
        return (
            f"{self.findings} findings, {sum(self.applied.values())} fixes applied in {self.files} files,"
            f" {len(self.reasons)} dropped, {self.faulty} faulty, {sum(self.advice.values())} pieces of advice"
        )


class Tree:
    """The files below a path as a run sees them."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root.resolve()
        self.settings = settings
        found = discover([self.root], Resolver(fixed=settings)).files
        self.jobs = {
            file.path: Job(file.path, display_path(file.path, os.getcwd()), settings, file.top)
            for file in found
        }
        self._project: Project | None = None

    @property
    def project(self) -> Project:
        if self._project is None:
            followed = frozenset(filter(_passes, self.jobs)) if len(self.jobs) > CLOSURE_LIMIT else None
            self._project = Project([Path(path) for path in self.jobs], followed)
        return self._project

    def check(self, path: str) -> Check:
        job = self.jobs[path]
        return lambda raw, options: finished(raw, job, options, self.project)

    def findings(self, jobs: int) -> dict[str, list[Diagnostic]]:
        """By file: what a run over the tree finds in it, suppressed or not."""
        result = check_paths([self.root], self.settings, Options(jobs=jobs))
        by_display = {job.display: path for path, job in self.jobs.items()}
        found: dict[str, list[Diagnostic]] = {}
        for diagnostic in result.diagnostics:
            found.setdefault(by_display[diagnostic.path], []).append(diagnostic)
        return found


def _passes(path: str) -> bool:
    raw = Path(path).read_bytes()
    return may_matter(raw) and (not path.endswith(".py") or code_may_matter(raw))


def try_tree(root: Path, settings: Settings, jobs: int = 1, show: bool = False) -> Tried:
    """Fixes each file of the tree in memory, and prints what is wrong with the results."""
    tree = Tree(root, settings)
    if not tree.jobs:
        return Tried()
    findings = tree.findings(jobs)
    tried = Tried(sum(map(len, findings.values())))
    results: dict[str, bytes] = {}
    for path, found in sorted(findings.items()):
        fixes = {d.fix.applicability for d in found if d.fix is not None}
        wanted = [upto for upto in (Applicability.SAFE, Applicability.UNSAFE) if upto in fixes]
        if not wanted:
            continue
        raw = Path(path).read_bytes()
        before = tree.check(path)(raw, Options())
        for upto in wanted:
            made = fixed(raw, os.path.basename(path), tree.check(path), upto, before)
            _tell(path, upto, made.faults)
            tried.faulty += bool(made.faults)
            # the last one includes the fixes of the first
            if upto is wanted[-1]:
                tried.applied += made.applied
                tried.advice += made.advice
                tried.reasons += [note.partition(": ")[2] for note in made.dropped]
                if show and made.dropped:
                    print(*made.dropped, sep="\n")
                if made.after is not None:
                    results[path] = made.after
                    tried.files += 1
                    if show:
                        _show(path, raw, made.after)
    if results:
        faults = _together(tree, results)
        _tell(str(root), None, faults)
        tried.faulty += len(faults)
    return tried


def _tell(path: str, upto: Applicability | None, faults: Iterable[str]) -> None:
    for fault in faults:
        print(f"FAULT {path}{f' [{upto.value}]' if upto else ''}: {fault}", flush=True)


def _show(path: str, raw: bytes, after: bytes) -> None:
    from peftlint.fixes.diff import unified_diff

    print("".join(unified_diff(read(path, raw), read(path, after))), flush=True)


def _together(tree: Tree, results: Mapping[str, bytes]) -> list[str]:
    """Faults that show only when all files are written: a fix that is right in its file, and wrong for another one."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="peftlint-fixes-") as temporary:
        copied = Path(temporary).resolve() / tree.root.name
        _copy(tree.root, copied, {os.path.relpath(path, tree.root) for path in tree.jobs})
        watched = sorted({*results, *_importers(tree, results)})
        places = {path: str(copied / os.path.relpath(path, tree.root)) for path in watched}
        # looked at in the copy too: which releases are in use may be said above the tree
        other = Tree(copied, tree.settings)
        expected = {
            path: _codes(other.check(at)(results.get(path) or Path(at).read_bytes(), Options()))
            for path, at in places.items()
        }
        for path, after in results.items():
            write_atomically(places[path], Path(path).read_bytes(), after, copied)
        other = Tree(copied, tree.settings)
        for path, at in places.items():
            if new := _codes(other.check(at)(Path(at).read_bytes(), Options())) - expected[path]:
                faults.append(f"{path}: new once the other files are fixed: {dict(new)}")
    return faults


def _codes(report: FileReport) -> Counter[str]:
    """Findings by code and file: what an imported module holds is reported from here too. Advice is no fault of a fix."""
    advised = codes_of_advice()
    found = Counter(
        f"{d.code} in {os.path.basename(d.path)}" for d in report.diagnostics if d.code not in advised
    )
    return found + Counter(f"error: {error.message}" for error in report.errors)


def _importers(tree: Tree, paths: Iterable[str]) -> set[str]:
    return {importer for path in paths for importer in tree.project.importers(path) if importer in tree.jobs}


def _copy(root: Path, target: Path, sources: set[str]) -> None:
    """The sources, and the small files beside them that say which releases are in use."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            relative = os.path.relpath(path, root)
            if relative in sources or (
                name.endswith((".toml", ".txt", ".cfg", ".lock", ".yaml", ".yml"))
                and path.is_file()
                and path.stat().st_size < 2_000_000
            ):
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target / relative)
