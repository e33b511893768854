"""Fixes files of a run: calls the fix engine, writes what it made, and reports what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.checker import Checker, shown_only
from peftlint.diagnostics import Applicability, Diagnostic, FileError
from peftlint.fixes.engine import DroppedFix, fix_file
from peftlint.fixes.writing import WriteError, write_atomically
from peftlint.linter import Job, Options
from peftlint.result import FileReport
from peftlint.sources.base import SourceError

if TYPE_CHECKING:
    from peftlint.sources.base import SourceFile


def up_to(applicability: Applicability) -> tuple[Applicability, ...]:
    """The applicabilities that are applied when this one is asked for."""
    if applicability is Applicability.UNSAFE:
        return (Applicability.SAFE, Applicability.UNSAFE)
    return (Applicability.SAFE,)


def fixed(file: SourceFile, checker: Checker, options: Options) -> FileReport:
    """What is left after fixing, with the new bytes; or, with `options.diff`, all findings and the diff.

    A file that does not parse is reported and left alone, and so is a cell of a notebook; the cells around it
    are fixed, as they are checked.
    """
    assert options.fix is not None
    try:
        outcome = fix_file(file, checker.programs, up_to(options.fix))
    except SourceError:
        return checker.report(file)
    notes = tuple(_notes(file, outcome.dropped))
    if options.diff:
        return replace(checker.report(file), diff=outcome.diff(), notes=notes)
    after = outcome.after[file.path]
    # a fix that was tried in vain is no promise any more
    dropped = {id(fix.diagnostic) for fix in outcome.dropped}
    left = [
        [shown_only(diagnostic) if id(diagnostic) in dropped else diagnostic for diagnostic in of_program]
        for of_program in outcome.remaining[file.path]
    ]
    report = checker.in_file(after, left, after.notes)
    counts = Counter(diagnostic.code for diagnostic in outcome.applied)
    change = (file.raw, after.raw) if outcome.changed else None
    mended = frozenset((diagnostic.code, diagnostic.span) for diagnostic in outcome.applied)
    return replace(report, fixed=counts, change=change, notes=notes, mended=mended)


def _notes(file: SourceFile, dropped: Iterable[DroppedFix]) -> Iterable[str]:
    for fix in dropped:
        diagnostic = fix.diagnostic
        where = f"{file.path}:{diagnostic.span.line}"
        yield f"{where}: {diagnostic.code} {diagnostic.name} was not fixed: {fix.reason}"


def without_mended(reports: Sequence[FileReport]) -> list[FileReport]:
    """The reports without what was found in another file, and was fixed there."""
    mended = {report.path: report.mended for report in reports if report.mended}
    if not mended:
        return list(reports)

    def is_left(report: FileReport, diagnostic: Diagnostic) -> bool:
        elsewhere = mended.get(diagnostic.path, frozenset()) if diagnostic.path != report.path else ()
        return (diagnostic.code, diagnostic.span) not in elsewhere

    return [
        replace(report, diagnostics=tuple(d for d in report.diagnostics if is_left(report, d)))
        for report in reports
    ]


def written(report: FileReport, job: Job) -> FileReport:
    """The report, its change written to the file. If that fails, the file is as it was, an error."""
    if report.change is None:
        return report
    try:
        write_atomically(job.path, *report.change, job.top)
    except WriteError as error:
        message = str(error).replace(job.path, job.display)
        failed = FileError(report.path, message)
        return replace(report, errors=(*report.errors, failed), fixed={}, change=None, mended=frozenset())
    return replace(report, change=None)
