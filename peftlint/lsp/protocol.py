"""Findings as diagnostics of the protocol, with positions in the units that the client counts in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lsprotocol import types
from pygls.uris import from_fs_path
from pygls.workspace import PositionCodec

from peftlint.diagnostics import Diagnostic, FileError, Severity, Span, Step
from peftlint.lsp.documents import Snapshot

SOURCE = "peftlint"
_SEVERITY = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}

#: gives the lines of a file besides the document; none if it cannot be read
Lines = Callable[[str], Sequence[str]]


def position(lines: Sequence[str], line: int, column: int, codec: PositionCodec) -> types.Position:
    """The position of a line and column (1-based, in characters); past the end of a line, its end."""
    if not 1 <= line <= len(lines):
        return types.Position(max(line - 1, 0), 0)
    before = lines[line - 1].rstrip("\r\n")[: column - 1]
    return types.Position(line - 1, codec.client_num_units(before))


def range_of(span: Span, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """The range of a span in a text that has these lines."""
    start = position(lines, span.line, span.column, codec)
    return types.Range(start, position(lines, span.end_line, span.end_column, codec))


def location(step: Step, snapshot: Snapshot, codec: PositionCodec, lines_of: Lines) -> types.Location | None:
    """Where a step of a trace is: in the document or one of its cells, or in another file."""
    if step.path == snapshot.path:
        part = snapshot.part(step.cell)
        return None if part is None else types.Location(part.uri, range_of(step.span, part.lines, codec))
    uri = from_fs_path(step.path)
    if uri is None:
        return None
    return types.Location(uri, range_of(step.span, lines_of(step.path), codec))


def diagnostic_of(
    diagnostic: Diagnostic, snapshot: Snapshot, codec: PositionCodec, lines_of: Lines, related: bool
) -> types.Diagnostic:
    """A finding as the client shows it; `related`: with the steps of its trace."""
    part = snapshot.part(diagnostic.cell)
    steps = [
        types.DiagnosticRelatedInformation(place, step.message)
        for step in diagnostic.trace
        if related and (place := location(step, snapshot, codec, lines_of)) is not None
    ]
    return types.Diagnostic(
        range=range_of(diagnostic.span, part.lines if part else (), codec),
        message=f"{diagnostic.message}\nhelp: {diagnostic.help}" if diagnostic.help else diagnostic.message,
        severity=_SEVERITY[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(diagnostic.url) if diagnostic.url else None,
        source=SOURCE,
        related_information=steps or None,
        data={"name": diagnostic.name, "fixable": diagnostic.fix is not None},
    )


def error_of(error: FileError, snapshot: Snapshot, codec: PositionCodec) -> types.Diagnostic:
    """What could not be read, as a diagnostic."""
    part = snapshot.part(error.cell)
    lines = part.lines if part else ()
    start = position(lines, error.line, error.column, codec)
    end = position(lines, error.line, error.column + 1, codec)
    return types.Diagnostic(
        range=types.Range(start, end),
        message=error.message,
        severity=types.DiagnosticSeverity.Error,
        code="syntax-error",
        source=SOURCE,
    )
