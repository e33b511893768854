"""Reports as plain data and back. No pickle: a cache may come with a repository of strangers."""

from __future__ import annotations

from typing import Any

from peftlint.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix, Severity, Span, Step
from peftlint.result import Excerpt, FileReport


def encoded(report: FileReport) -> list[Any]:
    """The report as lists, numbers and texts. What fixing changed is no part of it."""
    return [
        report.path,
        [_diagnostic(each) for each in report.diagnostics],
        [[e.path, e.message, e.line, e.column, e.cell] for e in report.errors],
        [[*place, excerpt.text, excerpt.shift] for place, excerpt in report.excerpts.items()],
        report.parsed,
        list(report.notes),
    ]


def decoded(data: Any) -> FileReport:
    """Raises `ValueError`, `TypeError`, `KeyError` or `IndexError` for anything but the data of a report."""
    path, diagnostics, errors, excerpts, parsed, notes = data
    return FileReport(
        path,
        tuple(_as_diagnostic(each) for each in diagnostics),
        tuple(FileError(*each) for each in errors),
        {(where, cell, line): Excerpt(text, shift) for where, cell, line, text, shift in excerpts},
        parsed=bool(parsed),
        notes=tuple(notes),
    )


def _span(span: Span) -> list[int]:
    return [span.line, span.column, span.end_line, span.end_column]


def _diagnostic(d: Diagnostic) -> list[Any]:
    fix = None
    if d.fix is not None:
        edits = [[_span(e.span), e.text, e.path, e.cell] for e in d.fix.edits]
        fix = [d.fix.title, d.fix.applicability.value, edits]
    trace = [[s.message, _span(s.span), s.path, s.cell] for s in d.trace]
    return [
        d.code,
        d.name,
        d.severity.value,
        d.message,
        d.help,
        d.path,
        _span(d.span),
        d.cell,
        trace,
        fix,
        d.suppressed,
        d.context,
    ]


def _as_diagnostic(data: Any) -> Diagnostic:
    code, name, severity, message, help, path, span, cell, trace, fix, suppressed, context = data
    return Diagnostic(
        code,
        name,
        Severity(severity),
        message,
        help,
        path,
        Span(*span),
        cell,
        tuple(Step(said, Span(*at), where, of_cell) for said, at, where, of_cell in trace),
        fix and _as_fix(fix),
        suppressed,
        context,
    )


def _as_fix(data: Any) -> Fix:
    title, applicability, edits = data
    return Fix(
        title,
        Applicability(applicability),
        tuple(Edit(Span(*span), text, path, cell) for span, text, path, cell in edits),
    )
