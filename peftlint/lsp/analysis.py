"""The findings in a document, as `peftlint check` would report them for the same text."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from peftlint.baseline import Baseline
from peftlint.checker import Checker, file_error
from peftlint.checking import located
from peftlint.diagnostics import Applicability, Diagnostic, FileError
from peftlint.discovery import excluded_with_parents
from peftlint.fixes.engine import Check, fix_file
from peftlint.lsp.documents import Snapshot
from peftlint.lsp.workspace import Surroundings
from peftlint.result import combined
from peftlint.semantics import splicing
from peftlint.settings import ConfigurationError, Settings
from peftlint.sources import EditError, SourceError, SourceFile, read
from peftlint.suppression import ignoring_edits


class CannotFix(Exception):
    """The fix cannot be applied to this document; the message says why."""


@dataclass(frozen=True)
class Finding:
    """A finding in one program of the document: in that program's coordinates, and in those of the document."""

    program: int
    inner: Diagnostic
    shown: Diagnostic


@dataclass(frozen=True)
class Analysis:
    """What was found in a snapshot. `file` is None where nothing had to be read."""

    snapshot: Snapshot
    findings: tuple[Finding, ...] = ()
    errors: tuple[FileError, ...] = ()
    file: SourceFile | None = None
    checker: Checker | None = None

    @property
    def editable(self) -> bool:
        """Whether the text that was checked is, character for character, the one that the editor holds."""
        if self.file is None:
            return False
        return all(
            (part := self.snapshot.part(cell)) is not None and part.text == text
            for cell, text in self.file.texts
        )


def analyse(snapshot: Snapshot, around: Surroundings) -> Analysis:
    """Check a document. It is left alone where the settings leave its file out."""
    nothing = Analysis(snapshot)
    if not around.options.enable:
        return nothing
    settings = around.settings(snapshot)
    if _left_out(snapshot, settings) or not around.matters(snapshot):
        return nothing
    try:
        file = read(snapshot.path, snapshot.raw, snapshot.kind)
    except SourceError as error:
        return replace(nothing, errors=(file_error(snapshot.path, error),))
    if snapshot.kind == "python":
        splicing.keep(snapshot.path)
    path = snapshot.path if snapshot.saved else None
    checker = Checker(settings, path, around.project(snapshot))
    inner: list[list[Diagnostic]] = []
    errors = list(file.notes)
    for source in file.sources:
        try:
            inner.append(checker.program(file, source))
        except SourceError as error:
            inner.append([])
            errors.append(file_error(file.path, error))
    findings = _left(file, checker, inner, settings)
    return Analysis(snapshot, findings, tuple(errors), file, checker)


def _left_out(snapshot: Snapshot, settings: Settings) -> bool:
    if snapshot.kind == "notebook" and not settings.notebooks:
        return True
    if snapshot.kind in ("markdown", "rst") and not settings.markdown:
        return True
    return snapshot.saved and excluded_with_parents(snapshot.path, settings)


def _left(
    file: SourceFile, checker: Checker, inner: Sequence[Sequence[Diagnostic]], settings: Settings
) -> tuple[Finding, ...]:
    """The findings in this file that neither a comment nor the baseline covers."""
    findings = [
        Finding(number, diagnostic, located(diagnostic, source))
        for number, (source, found) in enumerate(zip(file.sources, inner, strict=True))
        for diagnostic in found
        if not diagnostic.suppressed and diagnostic.path == source.path
    ]
    if settings.baseline is None or checker.path is None or not findings:
        return tuple(findings)
    try:
        baseline = Baseline.read(settings.resolve(settings.baseline))
    except ConfigurationError:
        return tuple(findings)
    result = baseline.applied(combined([checker.in_file(file, inner)], [], 1, 0), [file.path])
    left = {(d.cell, d.span, d.code) for d in result.findings}
    return tuple(f for f in findings if (f.shown.cell, f.shown.span, f.shown.code) in left)


Texts = Sequence[tuple[int | None, str]]


def fixed_one(analysis: Analysis, finding: Finding) -> Texts:
    """The texts of the document (by cell) with one fix applied, and with nothing else changed.

    Raises `CannotFix` with the engine's reason: the result would not parse, or show a new finding.
    """
    first = True

    def only_this(file: SourceFile) -> list[list[Diagnostic]]:
        nonlocal first
        checked = _checker(analysis).programs(file)
        kept = [
            [
                d if first and program == finding.program and _same(d, finding.inner) else d.with_fix(None)
                for d in found
            ]
            for program, found in enumerate(checked)
        ]
        first = False
        return kept

    return _fixed(analysis, only_this, (Applicability.SAFE, Applicability.UNSAFE))


def fixed_all(analysis: Analysis) -> Texts:
    """The texts with every safe fix applied, as `peftlint --fix` does. Raises `CannotFix`."""
    return _fixed(analysis, _checker(analysis).programs, (Applicability.SAFE,))


def _fixed(analysis: Analysis, check: Check, applicabilities: Collection[Applicability]) -> Texts:
    file = _file(analysis)
    try:
        outcome = fix_file(file, check, applicabilities)
    except SourceError as error:
        raise CannotFix(error.message) from None
    if not outcome.changed:
        raise CannotFix(outcome.dropped[0].reason if outcome.dropped else "nothing to change")
    return outcome.after[file.path].texts


def ignored(analysis: Analysis, finding: Finding) -> Texts:
    """The texts with a comment that suppresses the finding. Raises `CannotFix`."""
    file = _file(analysis)
    source = file.sources[finding.program]
    edits = ignoring_edits(source.code, file.path, [finding.inner])
    if not edits:
        raise CannotFix("there is no place for a comment")
    try:
        return read(file.path, file.edited({finding.program: edits}), file.kind).texts
    except (EditError, SourceError) as error:
        raise CannotFix(str(error)) from None


def _file(analysis: Analysis) -> SourceFile:
    if analysis.file is None or not analysis.editable:
        raise CannotFix("a part of the document cannot be read")
    return analysis.file


def _checker(analysis: Analysis) -> Checker:
    assert analysis.checker is not None
    return analysis.checker


def _same(one: Diagnostic, other: Diagnostic) -> bool:
    return (one.code, one.span) == (other.code, other.span)


def name_of(path: str) -> str:
    """The path as a message has it."""
    return os.path.basename(path) or path
