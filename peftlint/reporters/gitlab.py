"""GitLab code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from peftlint.diagnostics import Severity
from peftlint.fingerprints import fingerprints
from peftlint.reporters import View
from peftlint.result import Result

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(result: Result, view: View) -> str:
    """A JSON array; an input that could not be read is an issue of severity "blocker"."""
    shown = result.diagnostics if view.show_suppressed else result.findings
    issues: list[dict[str, Any]] = []
    for diagnostic, fingerprint in fingerprints(shown, result):
        span = diagnostic.span
        cell = f"cell {diagnostic.cell}: " if diagnostic.cell is not None else ""
        issues.append(
            {
                "type": "issue",
                "check_name": diagnostic.code,
                "description": f"{diagnostic.name}: {cell}{diagnostic.message}",
                "content": {"body": diagnostic.help},
                "categories": ["Bug Risk"],
                "severity": _SEVERITY[diagnostic.severity],
                "fingerprint": fingerprint,
                "location": {
                    "path": diagnostic.path,
                    "positions": {
                        "begin": {"line": span.line, "column": span.column},
                        "end": {"line": span.end_line, "column": span.end_column},
                    },
                },
            }
        )
    for error in result.errors:
        message = f"cell {error.cell}: {error.message}" if error.cell is not None else error.message
        text = f"{error.path}\0{message}".encode("utf-8", "surrogatepass")
        position = {"line": error.line, "column": error.column}
        issues.append(
            {
                "type": "issue",
                "check_name": "error",
                "description": message,
                "categories": ["Bug Risk"],
                "severity": "blocker",
                "fingerprint": hashlib.sha256(text).hexdigest()[:32],
                "location": {"path": error.path, "positions": {"begin": position, "end": position}},
            }
        )
    return json.dumps(issues, indent=2) + "\n"
