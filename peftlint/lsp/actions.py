"""Code actions: fix this, fix everything that is safe, ignore it here, open the page of the rule.

An action whose edit costs another check is sent without it, if the client can ask for it later. It then carries
the versions it was offered for, and is refused for any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types

from peftlint.diagnostics import Applicability
from peftlint.lsp.analysis import Analysis, CannotFix, Finding, Texts, fixed_all, fixed_one, ignored
from peftlint.lsp.documents import Snapshot

FIX_ALL = "source.fixAll.peftlint"
OPEN_PAGE = "peftlint.openPage"
KINDS = [types.CodeActionKind.QuickFix, FIX_ALL]


def wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the client asked for actions of this kind."""
    return only is None or any(kind == asked or kind.startswith(f"{asked}.") or not asked for asked in only)


def offered(
    analysis: Analysis,
    here: Sequence[tuple[Finding, types.Diagnostic]],
    only: Sequence[str] | None,
    opens_pages: bool,
) -> Iterator[types.CodeAction]:
    """The actions for the findings `here`, and for the document as a whole; their edits are still missing."""
    if wanted(types.CodeActionKind.QuickFix, only):
        for finding, diagnostic in here:
            yield from _for_finding(analysis, finding, diagnostic, opens_pages)
    safe = [finding for finding in analysis.findings if _applicability(finding) is Applicability.SAFE]
    if safe and wanted(FIX_ALL, only) and analysis.editable:
        title = "peftlint: fix everything that is safe to fix"
        yield types.CodeAction(title, FIX_ALL, data=_data(analysis.snapshot, "all"))


def _for_finding(
    analysis: Analysis, finding: Finding, diagnostic: types.Diagnostic, opens_pages: bool
) -> Iterator[types.CodeAction]:
    shown, quick = finding.shown, types.CodeActionKind.QuickFix
    fix, applicability = shown.fix, _applicability(finding)
    if fix is not None and applicability is not Applicability.DISPLAY and analysis.editable:
        safe = applicability is Applicability.SAFE
        yield types.CodeAction(
            title=f"{fix.title} ({shown.code})" if safe else f"{fix.title} ({shown.code}, unsafe fix)",
            kind=quick,
            diagnostics=[diagnostic],
            is_preferred=safe,
            data=_data(analysis.snapshot, "fix", finding),
        )
    if analysis.editable and not shown.code.startswith("PEFT0"):
        title = f"Ignore {shown.name} here"
        data = _data(analysis.snapshot, "ignore", finding)
        yield types.CodeAction(title, quick, diagnostics=[diagnostic], data=data)
    if opens_pages and shown.url:
        title = f"Open the page of {shown.name}"
        command = types.Command(title, OPEN_PAGE, arguments=[shown.code])
        yield types.CodeAction(title, quick, diagnostics=[diagnostic], command=command)


def _applicability(finding: Finding) -> Applicability | None:
    return finding.shown.fix.applicability if finding.shown.fix is not None else None


def _data(snapshot: Snapshot, what: str, finding: Finding | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {"uri": snapshot.uri, "what": what, "versions": snapshot.versions}
    if finding is not None:
        span = finding.inner.span
        data |= {"code": finding.inner.code, "program": finding.program, "at": [span.line, span.column]}
    return data


def texts_of(analysis: Analysis, data: dict[str, Any]) -> Texts:
    """The texts of the document after an action that was offered with `data`. Raises `CannotFix`."""
    if data["what"] == "all":
        return fixed_all(analysis)
    for finding in analysis.findings:
        span = finding.inner.span
        key = (finding.inner.code, finding.program, [span.line, span.column])
        if key == (data["code"], data["program"], data["at"]):
            return fixed_one(analysis, finding) if data["what"] == "fix" else ignored(analysis, finding)
    raise CannotFix("the finding is gone")
