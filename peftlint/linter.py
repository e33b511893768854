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
from peftlint.discovery import FoundFile, discover, display_path
from peftlint.files import bytes_of
from peftlint.gate import code_may_matter, may_matter
from peftlint.result import FileReport, Result, combined
from peftlint.settings import Resolver, Settings

if TYPE_CHECKING:
    from peftlint.cache import Cache
    from peftlint.semantics.project import Project


#: In trees of more files, only those that themselves use PEFT are looked at, and imports are followed only to such:
#: in a tree like that nearly all that is imported has nothing to do with it, and costs more than all the rest.
CLOSURE_LIMIT = 1500


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
    #: directory of the cache; None: neither read nor write one
    cache: str | None = None


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
    report = check_bytes(raw, filename, settings or _defaults(), path=path)
    if report.errors:
        from peftlint.sources.base import SourceError

        error = report.errors[0]
        raise SourceError(error.message, error.line, error.column, error.cell)
    return [diagnostic for diagnostic in report.diagnostics if not diagnostic.suppressed]


@lru_cache(maxsize=1)
def _defaults() -> Settings:
    return Settings()


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
    cache = None
    if options.cache is not None and options.fix is None:
        from peftlint.cache import Cache

        cache = Cache(options.cache, options.ignore_suppressions)
    jobs: list[Job] = []
    waiting: list[Job] = []
    for file in found.files:
        job = Job(file.path, display_path(file.path, working_directory), file.settings, file.top)
        try:
            passes = _looked_at(file, cache)
        except OSError as error:
            errors.append(FileError(job.display, f"cannot be read: {error.strerror}"))
            continue
        if passes:
            jobs.append(job)
        elif file.path.endswith(".py") and len(found.files) <= CLOSURE_LIMIT:
            waiting.append(job)
    jobs += _importing(waiting, jobs, [file.path for file in found.files])
    reports: Sequence[FileReport] = ()
    if jobs:
        from peftlint.jobs import run

        reports = run(
            jobs, options, [display_path(f.path, working_directory) for f in found.files], progress, cache
        )
    if cache is not None:
        cache.end()
    result = combined(reports, errors, len(found.files), time.perf_counter() - started)
    return replace(result, checked=tuple(display_path(file.path, working_directory) for file in found.files))


def _looked_at(file: FoundFile, cache: Cache | None) -> bool:
    """Whether a file has to be parsed. Raises `OSError` if it cannot be read."""
    status = None
    if cache is not None:
        status = os.stat(file.path)
        stamp = cache.known(file.path, status)
        if stamp is not None and (stamp.passes or not file.explicit):
            return stamp.passes
    raw = bytes_of(file.path)
    passes = _passes(raw, file.path)
    if cache is not None and status is not None:
        cache.read(file.path, status, raw, passes)
    return passes or (file.explicit and (not file.path.endswith((".py", ".pyw")) or _looks_broken(raw)))


def _importing(waiting: list[Job], jobs: list[Job], paths: list[str]) -> list[Job]:
    """Files that reach PEFT only through modules of the run: those that import one that passed, and so on."""
    if not waiting or not jobs:
        return []
    from pathlib import Path

    from peftlint.semantics.project import Project

    project = Project([Path(path) for path in paths])
    imports: list[tuple[Job, set[str]]] = []
    for job in waiting:
        try:
            imports.append((job, project.imports_of(job.path, bytes_of(job.path))))
        except OSError:  # it was there a moment ago
            continue
    passed = {job.path for job in jobs}
    chosen: list[Job] = []
    grown = True
    while grown:
        grown = False
        for job, imported in imports:
            if job.path not in passed and not imported.isdisjoint(passed):
                passed.add(job.path)
                chosen.append(job)
                grown = True
    return chosen


def _passes(raw: bytes, path: str) -> bool:
    """Whether bytes may matter. With null bytes in it a text is broken, which is said of it."""
    if b"\0" in raw:
        return True
    return may_matter(raw) and (not path.endswith((".py", ".pyw")) or code_may_matter(raw))


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


def check_text(raw: bytes, filename: str, settings: Settings, options: Options) -> FileReport:
    """The report on standard input, as if it were the file `filename`; with `options.fix` also its fixed
    bytes.
    """
    from peftlint.jobs import finished

    if not (_passes(raw, filename) or _looks_broken(raw)):
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
    from peftlint.checker import Checker, file_error
    from peftlint.sources import SourceError, read

    options = options or Options()
    try:
        file = read(filename, raw)
    except SourceError as error:
        return FileReport(filename, errors=(file_error(filename, error),), parsed=True)
    checker = Checker(settings, path, project, options.ignore_suppressions)
    if options.fix is None:
        return checker.report(file)
    from peftlint.fixing import fixed

    return fixed(file, checker, options)
