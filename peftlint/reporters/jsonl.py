"""JSON lines: one finding a line, as in the JSON format. An error is a line with the one key "error"."""

from __future__ import annotations

import json

from peftlint.reporters import View
from peftlint.reporters.json import diagnostic_data, error_data
from peftlint.result import Result


def render(result: Result, view: View) -> str:
    """Findings in order, then errors."""
    shown = result.diagnostics if view.show_suppressed else result.findings
    lines = [json.dumps(diagnostic_data(diagnostic)) for diagnostic in shown]
    lines += [json.dumps({"error": error_data(error)}) for error in result.errors]
    return "".join(line + "\n" for line in lines)
