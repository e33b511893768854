"""One line a finding: `path:line:column: CODE name message`."""

from __future__ import annotations

from peftlint.diagnostics import Applicability
from peftlint.reporters import View
from peftlint.reporters.terminal import BOLD, CYAN, RED, harmless, place, styled
from peftlint.reporters.text import summary
from peftlint.result import Result


def render(result: Result, view: View) -> str:
    """Findings, errors, and the same closing line as in the text format. `[*]` marks what `--fix` mends."""
    lines = []
    for diagnostic in result.diagnostics:
        if diagnostic.suppressed and not view.show_suppressed:
            continue
        where = styled(
            place(diagnostic.path, diagnostic.cell, diagnostic.span.line, diagnostic.span.column),
            BOLD,
            color=view.color,
        )
        code = styled(diagnostic.code, RED, BOLD, color=view.color)
        usable = {Applicability.SAFE, Applicability.UNSAFE} if view.unsafe_fixes else {Applicability.SAFE}
        star = diagnostic.fix is not None and diagnostic.fix.applicability in usable
        mark = styled("[*] ", CYAN, color=view.color) if star else ""
        note = " (suppressed)" if diagnostic.suppressed else ""
        lines.append(f"{where}: {code} {diagnostic.name}{note}: {mark}{harmless(diagnostic.message)}\n")
    for error in result.errors:
        where = place(error.path, error.cell, error.line, error.column)
        lines.append(f"{where}: {styled('error', RED, BOLD, color=view.color)}: {harmless(error.message)}\n")
    lines += [f"baseline: {harmless(entry)}\n" for entry in result.stale]
    return "".join(lines) + summary(result, view)
