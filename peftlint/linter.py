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
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, FileError
from peftlint.discovery import FoundFile, discover, display_path, matching_selectors
from peftlint.gate import may_matter
from peftlint.result import FileReport, Result, combined
from peftlint.settings import Resolver, Settings

if TYPE_CHECKING:
    from peftlint.checking import Policy
    from peftlint.semantics.project import Project
    from peftlint.sources.base import SourceFile


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


#: called with the number of finished files and of all files that passed the gate
Progress = Callable[[int, int], None]


def check_source(raw: bytes, filename: str, settings: Settings | None = None) -> list[Diagnostic]:
    """Findings in one file's bytes, in order, without those that are suppressed.

    `filename` tells what kind of file it is (.py, .ipynb, .md, .rst) and stands as the path of the findings;
    nothing is read from disk. Positions are those of the file. Without `settings` the defaults hold.

    Raises `SourceError` if the bytes cannot be understood.
    """
    report = check_bytes(raw, filename, settings or Settings())
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
            jobs.append(Job(file.path, display, file.settings))
            sizes.append(len(raw))
    reports: Sequence[FileReport] = ()
    if jobs:
        from peftlint.jobs import run

        reports = run(jobs, sizes, options, [file.path for file in found.files], progress)
    return combined(reports, errors, len(found.files), time.perf_counter() - started)


def _passes(file: FoundFile, raw: bytes) -> bool:
    """Whether the file has to be parsed.

    A file that was named itself is looked at whatever it holds, if Python's own parser cannot read it: who names
    a file wants to hear that it is broken.
    """
    if may_matter(raw) or b"\0" in raw:
        return True
    if not file.explicit:
        return False
    if not file.path.endswith((".py", ".pyw")):
        return True
    import ast

    try:
        ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


@lru_cache(maxsize=64)
def _policy(settings_id: int, ignored: frozenset[str], ignore_suppressions: bool) -> Policy:
    from peftlint.checking import Policy

    return Policy.of(_SETTINGS[settings_id], ignored, None, ignore_suppressions)


_SETTINGS: dict[int, Settings] = {}


def policy_for(path: str, settings: Settings, ignore_suppressions: bool = False) -> Policy:
    """The policy for the file at `path` (absolute, or as given for standard input)."""
    # Settings hold tables and cannot be hashed; the table here keeps them alive, so that the id stays theirs.
    _SETTINGS[id(settings)] = settings
    ignored = frozenset(matching_selectors(path, settings))
    return _policy(id(settings), ignored, ignore_suppressions)


def check_bytes(
    raw: bytes,
    filename: str,
    settings: Settings,
    options: Options | None = None,
    project: Project | None = None,
    path: str | None = None,
) -> FileReport:
    """The report on one file's bytes; with `options.fix` also what fixing makes of them (`FileReport.output`).

    `path` is where the file lies, if it is not `filename` itself. Nothing is written.
    """
    from peftlint.sources import SourceError, read

    options = options or Options()
    policy = policy_for(path or filename, settings, options.ignore_suppressions)
    try:
        file = read(filename, raw)
    except SourceError as error:
        return FileReport(filename, errors=(_file_error(filename, error),), parsed=True)
    return report_on(file, policy, project)


def report_on(file: SourceFile, policy: Policy, project: Project | None = None) -> FileReport:
    """Findings in a file that is read, in its coordinates."""
    from peftlint.checking import check_program, excerpts, located
    from peftlint.sources.base import SourceError

    diagnostics, errors, lines = [], list(file.notes), {}
    for source in file.sources:
        try:
            found = check_program(source, policy, project)
        except SourceError as error:
            from peftlint.diagnostics import Span

            place = source.locate(Span(error.line, error.column, error.line, error.column))
            errors.append(FileError(file.path, error.message, place.span.line, place.span.column, place.cell))
            continue
        for diagnostic in found:
            lines.update(excerpts(diagnostic, source))
            diagnostics.append(located(diagnostic, source))
    return FileReport(file.path, tuple(diagnostics), tuple(errors), lines, parsed=True)


def _file_error(path: str, error: Exception) -> FileError:
    from peftlint.sources.base import SourceError

    assert isinstance(error, SourceError)
    return FileError(path, error.message, error.line, error.column, error.cell)
