"""GitHub workflow commands: each finding becomes an annotation of the pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from peftlint.diagnostics import Diagnostic, FileError, Severity
from peftlint.reporters import View
from peftlint.reporters.terminal import harmless
from peftlint.result import Result

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def _data(text: str) -> str:
    """Text after "::": the runner takes these three apart again."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render(result: Result, view: View) -> str:
    """One command a line, findings first."""
    lines = [_finding(d) for d in result.diagnostics if view.show_suppressed or not d.suppressed]
    lines += [_error(error) for error in result.errors]
    return "".join(line + "\n" for line in lines)


def _finding(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    title = f"peftlint ({diagnostic.code} {diagnostic.name})"
    # Lines of a notebook are those of a cell, which an annotation cannot point to: it goes to the file.
    where = (
        f"file={_property(harmless(diagnostic.path))},line={span.line},col={span.column}"
        f",endLine={span.end_line},endColumn={span.end_column}"
        if diagnostic.cell is None
        else f"file={_property(harmless(diagnostic.path))}"
    )
    cell = f"cell {diagnostic.cell}, line {span.line}: " if diagnostic.cell is not None else ""
    text = f"{cell}{harmless(diagnostic.message)}" + (
        f"\n{harmless(diagnostic.help)}" if diagnostic.help else ""
    )
    return f"::{_COMMAND[diagnostic.severity]} {where},title={_property(title)}::{_data(text)}"


def _error(error: FileError) -> str:
    where = f"file={_property(harmless(error.path))}"
    cell = ""
    if error.cell is None:
        where += f",line={error.line},col={error.column}"
    else:
        cell = f"cell {error.cell}, line {error.line}: "
    return f"::error {where},title=peftlint::{_data(cell + harmless(error.message))}"
