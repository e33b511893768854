"""The JSON format, version 1: stable; fields may be added, none changes its meaning."""

from __future__ import annotations

import json
from typing import Any

from peftlint import __version__
from peftlint.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix, Step
from peftlint.reporters import View
from peftlint.result import Result


def render(result: Result, view: View) -> str:
    """One document with all findings, errors and a summary."""
    return json.dumps(document(result, view), indent=2) + "\n"


def document(result: Result, view: View) -> dict[str, Any]:
    """The document as plain data."""
    shown = result.diagnostics if view.show_suppressed else result.findings
    return {
        "version": 1,
        "tool": {"name": "peftlint", "version": __version__},
        "diagnostics": [diagnostic_data(diagnostic) for diagnostic in shown],
        "errors": [error_data(error) for error in result.errors],
        "summary": {
            "files": result.files,
            "parsed": result.parsed,
            "findings": len(result.findings),
            "fixable": result.fixable(Applicability.SAFE, Applicability.UNSAFE),
            "seconds": round(result.seconds, 3),
        },
    }


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as plain data."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "url": diagnostic.url,
        "path": diagnostic.path,
        "cell": diagnostic.cell,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "trace": [_step(step) for step in diagnostic.trace],
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
        "suppressed": diagnostic.suppressed,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "message": step.message,
        "path": step.path,
        "cell": step.cell,
        "line": step.span.line,
        "column": step.span.column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "path": edit.path,
        "cell": edit.cell,
        "line": edit.span.line,
        "column": edit.span.column,
        "end_line": edit.span.end_line,
        "end_column": edit.span.end_column,
        "text": edit.text,
    }


def error_data(error: FileError) -> dict[str, Any]:
    """One error as plain data; in a notebook the message begins with the cell."""
    where = f"cell {error.cell}: " if error.cell is not None else ""
    return {
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "message": where + error.message,
    }
