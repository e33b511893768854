"""The pages of the run-time codes, in the forms of `peftlint rule`."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from peftlint.diagnostics import page_url
from peftlint.runtime.codes import Code


def command_of(code: Code) -> str:
    """The command that reports it."""
    return "peftlint adapter" if code.name.startswith("saved-") else "peftlint runtime"


def render(codes: Sequence[Code], output_format: str) -> str:
    """Pages in "text", "markdown" or "json" (always a list)."""
    if output_format == "json":
        return json.dumps([_data(code) for code in codes], indent=2) + "\n"
    page = _markdown if output_format == "markdown" else _text
    return "\n".join(page(code) for code in codes)


def _data(code: Code) -> dict[str, str]:
    return {
        "code": code.code,
        "name": code.name,
        "severity": code.severity.value,
        "command": command_of(code),
        "url": page_url(code.code, code.name),
        "documentation": code.documentation,
        "help": code.help,
    }


def _markdown(code: Code) -> str:
    facts = f"Severity: {code.severity.value}. Reported by `{command_of(code)}`."
    return f"# {code.name} ({code.code})\n\n{facts}\n\n{code.documentation}\n\n## What to do\n\n{code.help}\n"


def _text(code: Code) -> str:
    head = f"{code.code} {code.name}"
    facts = f"severity: {code.severity.value}   reported by: {command_of(code)}"
    body = textwrap.fill(code.documentation, 100)
    return f"{head}\n{'=' * len(head)}\n{facts}\n\n{body}\n\nWhat to do: {code.help}\n"
