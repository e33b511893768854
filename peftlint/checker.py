"""Checks files that are read: the rules on each program, and what they find in positions of the file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from peftlint.checking import Policy, check_program, excerpts, located, settled_in
from peftlint.diagnostics import Applicability, Diagnostic, FileError, Span
from peftlint.discovery import matching_selectors
from peftlint.limits import refuse
from peftlint.result import Excerpt, FileReport, Place
from peftlint.settings import Settings
from peftlint.sources import read
from peftlint.sources.base import SourceError
from peftlint.sources.parsing import syntax_fault
from peftlint.targets import Targets, detect

if TYPE_CHECKING:
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source, SourceFile


@lru_cache(maxsize=64)
def _policy(settings: Settings, ignored: frozenset[str], ignore_suppressions: bool) -> Policy:
    return Policy.of(settings, ignored, ignore_suppressions)


def policy_for(path: str, settings: Settings, ignore_suppressions: bool = False) -> Policy:
    """The policy for the file at `path` (absolute, or as given for standard input)."""
    return _policy(settings, frozenset(matching_selectors(path, settings)), ignore_suppressions)


@dataclass(frozen=True)
class Checker:
    """Checks files of one place: knows the settings, the releases in use there and the project around.

    `path` is where the file lies (its dependency files say which releases are in use), or None if that is not
    to be looked at.
    """

    settings: Settings
    path: str | None = None
    project: Project | None = None
    ignore_suppressions: bool = False

    def programs(self, file: SourceFile) -> list[list[Diagnostic]]:
        """For each program of the file its findings, in its own coordinates.

        Raises `SourceError`, in the coordinates of the file, if a program does not parse.
        """
        return [self.program(file, source) for source in file.sources]

    def program(self, file: SourceFile, source: Source) -> list[Diagnostic]:
        """As `programs`, for one of them."""
        refuse(source.code)
        policy = policy_for(self.path or file.path, self.settings, self.ignore_suppressions)
        try:
            return check_program(
                source, policy, self.targets(source), self.project, self.settings.model_factories
            )
        except SourceError as error:
            better = _explained(error, source.code)
            place = source.locate(Span(better.line, better.column, better.line, better.column))
            raise SourceError(better.message, place.span.line, place.span.column, place.cell) from None

    def targets(self, source: Source) -> Targets:
        """The releases in use where the program stands."""
        return targets_at(self.path, self.settings, source.shell_lines, source.code)

    def report(self, file: SourceFile) -> FileReport:
        """Findings in the coordinates of the file; a program that does not parse is an error."""
        found: list[list[Diagnostic]] = []
        errors = list(file.notes)
        for source in file.sources:
            try:
                found.append(self.program(file, source))
            except SourceError as error:
                found.append([])
                errors.append(file_error(file.path, error))
        return self.in_file(file, found, errors)

    def in_file(
        self, file: SourceFile, found: Sequence[Sequence[Diagnostic]], errors: Iterable[FileError] = ()
    ) -> FileReport:
        """The report on a file, from the findings in each of its programs."""
        diagnostics: list[Diagnostic] = []
        lines: dict[Place, Excerpt] = {}
        elsewhere: dict[str, list[Diagnostic]] = {}
        for source, of_program in zip(file.sources, found, strict=True):
            for diagnostic in of_program:
                if diagnostic.path != source.path:
                    elsewhere.setdefault(diagnostic.path, []).append(diagnostic)
                    continue
                lines.update(excerpts(diagnostic, source, _other_source))
                diagnostics.append(located(diagnostic, source))
        for path, of_other in elsewhere.items():
            report = self._elsewhere(path, of_other)
            diagnostics += report.diagnostics
            lines.update(report.excerpts)
        return FileReport(file.path, tuple(diagnostics), tuple(errors), lines, parsed=True)

    def _elsewhere(self, path: str, found: Sequence[Diagnostic]) -> FileReport:
        """The report on findings in a module that came to light from a file that imports it.

        Their fixes are shown only: `--fix` mends what it finds in a file that it reads by itself.
        """
        try:
            file = read(path)
        except SourceError:
            return FileReport(path)
        policy = policy_for(os.path.abspath(path), self.settings, self.ignore_suppressions)
        source = file.sources[0]
        shown = [shown_only(diagnostic) for diagnostic in settled_in(source, found, policy)]
        return self.in_file(file, [shown])


def shown_only(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with its fix as advice, which nothing applies."""
    fix = diagnostic.fix
    return diagnostic.with_fix(fix and replace(fix, applicability=Applicability.DISPLAY))


@lru_cache(maxsize=32)
def _other_source(path: str) -> Source | None:
    """The program of another module of the project, for a line or two of it."""
    try:
        sources = read(path).sources
    except SourceError:
        return None
    return sources[0] if len(sources) == 1 else None


def targets_at(
    path: str | None, settings: Settings, shell_lines: Sequence[str] = (), code: str = ""
) -> Targets:
    """The releases in use at `path`. Without a path only the settings, the shell lines and a script's header in `code` speak."""
    if path is not None:
        return detect(Path(path), settings.targets, shell_lines, code)
    if not settings.targets and not shell_lines and "# /// script" not in code:
        return Targets()
    # The root of the file system belongs to no project: nothing but the given texts is read there.
    return detect(Path(os.path.abspath(os.sep)), settings.targets, shell_lines, code)


def _explained(error: SourceError, code: str) -> SourceError:
    """The error as Python's own parser puts it, which names the place better, if it finds one."""
    fault = syntax_fault(code)
    return error if fault is None else SourceError(f"syntax error: {fault.message}", fault.line, fault.column)


def file_error(path: str, error: SourceError) -> FileError:
    return FileError(path, error.message, error.line, error.column, error.cell)
