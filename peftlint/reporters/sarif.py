"""SARIF 2.1.0, with code flows from the trace, fixes, fingerprints and the help of each rule.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from peftlint import __version__
from peftlint.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix, Severity, Span, page_url
from peftlint.fingerprints import fingerprints
from peftlint.reporters import View
from peftlint.result import Result
from peftlint.rules import pages
from peftlint.rules.registry import all_rules

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://peftlint.readthedocs.io/"


def render(result: Result, view: View) -> str:
    """One run with all findings; what suppresses a finding is said in it."""
    shown = result.diagnostics if view.show_suppressed else result.findings
    codes = sorted({diagnostic.code for diagnostic in shown})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "peftlint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": Path(os.getcwd()).as_uri().rstrip("/") + "/"}},
        "invocations": [
            {
                "executionSuccessful": not result.errors,
                "toolExecutionNotifications": [_notification(error) for error in result.errors],
            }
        ],
        "results": [
            _result(diagnostic, fingerprint, codes.index(diagnostic.code))
            for diagnostic, fingerprint in fingerprints(shown, result)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    info = all_rules().get(code)
    if info is None:
        return _run_time_code(code)
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in info.name.split("-")),
        "shortDescription": {"text": pages.summary(info)},
        "help": {"text": pages.text(info), "markdown": pages.markdown(info)},
        **_help_uri(info.code, info.name),
        "defaultConfiguration": {"enabled": info.default, "level": _LEVEL[info.severity]},
        "properties": {
            "tags": ["peft", "correctness"],
            "precision": "very-high" if info.default else "medium",
        },
    }


def _run_time_code(code: str) -> dict[str, Any]:
    from peftlint.runtime.codes import find

    known = find(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in known.name.split("-")),
        "shortDescription": {"text": known.name.replace("-", " ")},
        "fullDescription": {"text": known.documentation},
        "help": {"text": known.help},
        **_help_uri(code, known.name),
    }


def _help_uri(code: str, name: str) -> dict[str, str]:
    url = page_url(code, name)
    return {"helpUri": url} if url else {}


def _artifact(path: str) -> dict[str, Any]:
    try:
        text = path.encode("utf-8", "surrogateescape")  # a name that is no UTF-8 keeps its bytes
    except UnicodeEncodeError:
        text = path.encode("utf-8", "replace")
    if os.path.isabs(path):
        return {"uri": "file://" + quote(text)}
    return {"uri": quote(text), "uriBaseId": "SRCROOT"}


def _region(span: Span) -> dict[str, Any]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _location(path: str, cell: int | None, span: Span, message: str | None = None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(path), "region": _region(span)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if cell is not None:
        # SARIF knows no cells: the region is that within the cell, which is named here.
        location["logicalLocations"] = [
            {"name": f"cell {cell}", "kind": "module", "fullyQualifiedName": f"cell {cell}"}
        ]
    if message is not None:
        location["message"] = {"text": message}
    return location


def _result(diagnostic: Diagnostic, fingerprint: str, rule_index: int) -> dict[str, Any]:
    text = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVEL[diagnostic.severity],
        "message": {"text": text},
        "locations": [_location(diagnostic.path, diagnostic.cell, diagnostic.span)],
        "partialFingerprints": {"peftlint/v1": fingerprint},
    }
    if diagnostic.context:
        result["locations"][0].setdefault("logicalLocations", []).append(
            {"fullyQualifiedName": diagnostic.context, "kind": "function"}
        )
    if diagnostic.trace:
        steps = [
            {"location": _location(step.path, step.cell, step.span, step.message), "executionOrder": number}
            for number, step in enumerate(diagnostic.trace, 1)
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    fix = diagnostic.fix
    # A viewer would apply the edits of a notebook to the lines of its JSON.
    if fix is not None and fix.applicability is not Applicability.DISPLAY and diagnostic.cell is None:
        result["fixes"] = [_fix(fix)]
    if diagnostic.suppressed:
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(edit)
    changes = []
    for path, edits in by_path.items():
        replacements = [
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in edits
        ]
        changes.append({"artifactLocation": _artifact(path), "replacements": replacements})
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _notification(error: FileError) -> dict[str, Any]:
    span = Span(error.line, error.column, error.line, error.column)
    return {
        "level": "error",
        "message": {"text": error.message},
        "locations": [_location(error.path, error.cell, span)],
    }
