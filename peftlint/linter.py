"""The way of a file through the house: gate, source, semantics and rules, suppression, positions in the file.

`check_paths` and `check_source` are what every front end calls: the command line, the language server, the
pre-commit hook and the Python API.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, FileError, Span
from peftlint.discovery import FoundFile, discover, display_path, matching_selectors
from peftlint.gate import may_matter
from peftlint.result import Excerpt, FileReport, Place, Result, combined
from peftlint.settings import Resolver, Settings

if TYPE_CHECKING:
    from peftlint.checking import Policy
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source, SourceError, SourceFile
    from peftlint.targets import Targets


@dataclass(frozen=True)
class Options:
    """What a run does besides checking."""

    #: apply fixes up to this applicability
    fix: Applicability | None = None
    #: show what fixing would change, and leave the files alone
    diff: bool = False
    #: report as if there were no suppression comments
    ignore_suppressions: bool = False
    #: processes to use; 0: as many as the work is worth, up to the number of cores
    jobs: int = 0


@dataclass(frozen=True)
class Job:
    """One file that passed the gate. `display` is its path in findings."""

    path: str
    display: str
    settings: Settings
    #: the directory that was asked for, or that of a file that was named itself; fixes write nowhere else
    top: str = ""


#: called with the number of finished files and of all files that passed the gate
Progress = Callable[[int, int], None]


def check_source(raw: bytes, filename: str, settings: Settings | None = None) -> list[Diagnostic]:
    """Findings in one file's bytes, in order, without those that are suppressed.

    `filename` tells what kind of file it is (.py, .ipynb, .md, .rst) and stands as the path of the findings;
    the file itself is not read. Positions are those of the file. Without `settings` the defaults hold and
    nothing is read from disk; with them, an absolute `filename` tells where to look for the releases in use.

    Raises `SourceError` if the bytes cannot be understood.
    """
    path = filename if settings is not None and os.path.isabs(filename) else None
    report = check_bytes(raw, filename, settings or Settings(), path=path)
    if report.errors:
        from peftlint.sources.base import SourceError

        error = report.errors[0]
        raise SourceError(error.message, error.line, error.column, error.cell)
    return [diagnostic for diagnostic in report.diagnostics if not diagnostic.suppressed]


def check_paths(
    paths: Iterable[str | os.PathLike[str]],
    settings: Settings | Resolver | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Result:
    """Check files and directories.

    With `settings` all files use them; otherwise each file uses the nearest configuration above it.

    Raises `ConfigurationError` if a configuration is wrong. Input that cannot be read is in `Result.errors`.
    """
    started = time.perf_counter()
    resolver = Resolver(fixed=settings) if isinstance(settings, Settings) else settings or Resolver()
    options = options or Options()
    found = discover(paths, resolver)
    working_directory = os.getcwd()
    errors = [replace(error, path=display_path(error.path, working_directory)) for error in found.errors]
    jobs: list[Job] = []
    sizes: list[int] = []
    for file in found.files:
        display = display_path(file.path, working_directory)
        try:
            with open(file.path, "rb") as stream:
                raw = stream.read()
        except OSError as error:
            errors.append(FileError(display, f"cannot be read: {error.strerror}"))
            continue
        if _passes(file, raw):
            jobs.append(Job(file.path, display, file.settings, file.top))
            sizes.append(len(raw))
    reports: Sequence[FileReport] = ()
    if jobs:
        from peftlint.jobs import run

        reports = run(
            jobs, sizes, options, [display_path(f.path, working_directory) for f in found.files], progress
        )
    result = combined(reports, errors, len(found.files), time.perf_counter() - started)
    return replace(result, checked=tuple(display_path(file.path, working_directory) for file in found.files))


def _passes(file: FoundFile, raw: bytes) -> bool:
    """Whether a file has to be parsed."""
    if may_matter(raw) or b"\0" in raw:
        return True
    return file.explicit and (not file.path.endswith((".py", ".pyw")) or _looks_broken(raw))


def _looks_broken(raw: bytes) -> bool:
    """Whether Python's own parser cannot read the text.

    Who names a file wants to hear that it is broken, whatever it holds. The parser of peftlint has the last
    word: it also knows the syntax of later Pythons than the one that runs.
    """
    import ast

    try:
        ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


@lru_cache(maxsize=64)
def _policy(settings_id: int, ignored: frozenset[str], ignore_suppressions: bool) -> Policy:
    from peftlint.checking import Policy

    return Policy.of(_SETTINGS[settings_id], ignored, ignore_suppressions)


_SETTINGS: dict[int, Settings] = {}


def policy_for(path: str, settings: Settings, ignore_suppressions: bool = False) -> Policy:
    """The policy for the file at `path` (absolute, or as given for standard input)."""
    # Settings hold tables and cannot be hashed; the table here keeps them alive, so that the id stays theirs.
    _SETTINGS[id(settings)] = settings
    ignored = frozenset(matching_selectors(path, settings))
    return _policy(id(settings), ignored, ignore_suppressions)


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
        from peftlint.checking import check_program
        from peftlint.sources.base import SourceError

        policy = policy_for(self.path or file.path, self.settings, self.ignore_suppressions)
        try:
            return check_program(source, policy, self.targets(source), self.project)
        except SourceError as error:
            better = _explained(error, source.code)
            place = source.locate(Span(better.line, better.column, better.line, better.column))
            raise SourceError(better.message, place.span.line, place.span.column, place.cell) from None

    def targets(self, source: Source) -> Targets:
        """The releases in use where the program stands."""
        return targets_at(self.path, self.settings, source.shell_lines)

    def report(self, file: SourceFile) -> FileReport:
        """Findings in the coordinates of the file. A program that does not parse is an error; the others
        count.
        """
        from peftlint.sources.base import SourceError

        found: list[list[Diagnostic]] = []
        errors = list(file.notes)
        for source in file.sources:
            try:
                found.append(self.program(file, source))
            except SourceError as error:
                found.append([])
                errors.append(_file_error(file.path, error))
        return self.in_file(file, found, errors)

    def in_file(
        self, file: SourceFile, found: Sequence[Sequence[Diagnostic]], errors: Iterable[FileError] = ()
    ) -> FileReport:
        """The report on a file, from the findings in each of its programs."""
        from peftlint.checking import excerpts, located

        diagnostics: list[Diagnostic] = []
        lines: dict[Place, Excerpt] = {}
        elsewhere: dict[str, list[Diagnostic]] = {}
        for source, of_program in zip(file.sources, found, strict=True):
            for diagnostic in of_program:
                if diagnostic.path != source.path:
                    elsewhere.setdefault(diagnostic.path, []).append(diagnostic)
                    continue
                lines.update(excerpts(diagnostic, source))
                diagnostics.append(located(diagnostic, source))
        for path, of_other in elsewhere.items():
            report = self._elsewhere(path, of_other)
            diagnostics += report.diagnostics
            lines.update(report.excerpts)
        return FileReport(file.path, tuple(diagnostics), tuple(errors), lines, parsed=True)

    def _elsewhere(self, path: str, found: Sequence[Diagnostic]) -> FileReport:
        """The report on findings in a module that came to light from a file that imports it."""
        from peftlint.checking import settled_in
        from peftlint.sources import SourceError, read

        try:
            file = read(path)
        except SourceError:
            return FileReport(path)
        policy = policy_for(os.path.abspath(path), self.settings, self.ignore_suppressions)
        source = file.sources[0]
        return self.in_file(file, [settled_in(source, found, policy)])


def targets_at(path: str | None, settings: Settings, shell_lines: Sequence[str] = ()) -> Targets:
    """The releases in use at `path`. Without a path only the settings and the shell lines say something."""
    from peftlint.targets import Targets, detect

    if path is not None:
        return detect(Path(path), settings.targets, shell_lines)
    if not settings.targets and not shell_lines:
        return Targets()
    # The root of the file system belongs to no project: nothing but the given texts is read there.
    return detect(Path(os.path.abspath(os.sep)), settings.targets, shell_lines)


def check_text(raw: bytes, filename: str, settings: Settings, options: Options) -> FileReport:
    """The report on standard input, as if it were the file `filename`; with `options.fix` also its fixed
    bytes.
    """
    from peftlint.jobs import finished

    if not (may_matter(raw) or b"\0" in raw or _looks_broken(raw)):
        return FileReport(filename)
    return finished(raw, Job(os.path.abspath(filename), filename, settings), options, None)


def check_bytes(
    raw: bytes,
    filename: str,
    settings: Settings,
    options: Options | None = None,
    project: Project | None = None,
    path: str | None = None,
) -> FileReport:
    """The report on one file's bytes; with `options.fix` also what fixing makes of them. Nothing is written.

    `path` is where the file lies: the releases in use are looked for there.
    """
    from peftlint.sources import SourceError, read

    options = options or Options()
    try:
        file = read(filename, raw)
    except SourceError as error:
        return FileReport(filename, errors=(_file_error(filename, error),), parsed=True)
    checker = Checker(settings, path, project, options.ignore_suppressions)
    if options.fix is None:
        return checker.report(file)
    from peftlint.fixing import fixed

    return fixed(file, checker, options)


def _explained(error: SourceError, code: str) -> SourceError:
    """The error as Python's own parser puts it, which names the place better, if that parser cannot read it
    either.
    """
    from peftlint.sources.base import SourceError
    from peftlint.sources.parsing import syntax_fault

    fault = syntax_fault(code)
    return error if fault is None else SourceError(f"syntax error: {fault.message}", fault.line, fault.column)


def _file_error(path: str, error: SourceError) -> FileError:
    return FileError(path, error.message, error.line, error.column, error.cell)
