"""Fixes a file in memory, looks at the result, and fixes it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from peftlint.diagnostics import Applicability, Diagnostic, Severity
from peftlint.linter import Options, check_bytes
from peftlint.result import FileReport
from peftlint.rules.registry import all_rules
from peftlint.settings import Settings
from tools.fixes.texts import faults_of_text, written_lines

#: the report on a file's bytes
Check = Callable[[bytes, Options], FileReport]


@dataclass(frozen=True)
class Fixed:
    """How many fixes were applied, by code, why others were dropped, and what is wrong with the result."""

    applied: Counter[str] = field(default_factory=Counter)
    dropped: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    #: advice of rules that are off unless selected, about what was written
    advice: Counter[str] = field(default_factory=Counter)
    #: the bytes of the file then, if they are others
    after: bytes | None = None


def alone(filename: str, settings: Settings) -> Check:
    """A check of a file by itself, without a project around."""
    return lambda raw, options: check_bytes(raw, filename, settings, options)


def fixed(
    raw: bytes, filename: str, check: Check, upto: Applicability, before: FileReport | None = None
) -> Fixed:
    """Fixes the file in memory and looks at the result. `before`: the report on the file as it is, if it is there."""
    before = before or check(raw, Options())
    if not any(diagnostic.fix for diagnostic in before.diagnostics):
        return Fixed()
    report = check(raw, Options(fix=upto))
    applied, dropped = Counter(report.fixed), report.notes
    if failed := {error.message for error in report.errors} - {error.message for error in before.errors}:
        return Fixed(applied, dropped, (f"fixing fails: {failed}",))
    if report.change is None:
        return Fixed(Counter(), dropped, ("fixes are counted, and nothing changes",) if applied else ())
    after = report.change[1]
    faults, advice = _faults_of_findings(before, report, filename, check, upto)
    return Fixed(applied, dropped, (*faults_of_text(raw, after, filename), *faults), advice, after)


def codes_of_advice() -> set[str]:
    """Codes of rules that are off unless selected and say nothing of harm."""
    return {code for code, rule in all_rules().items() if rule.severity is Severity.INFO and not rule.default}


def _faults_of_findings(
    before: FileReport, report: FileReport, filename: str, check: Check, upto: Applicability
) -> tuple[list[str], Counter[str]]:
    """The faults, and what is no fault: advice about the line that mends something worse."""
    assert report.change is not None
    advised = codes_of_advice()
    worse = set(report.fixed) - advised
    advice: Counter[str] = Counter()
    raw, after = report.change
    faults: list[str] = []
    again = check(after, Options(fix=upto))
    if len(again.errors) > len(before.errors):
        faults.append(f"the result cannot be checked: {[error.message for error in again.errors]}")
    if again.change is not None:
        faults.append(f"a second run changes the file again: {dict(again.fixed)}")
        again = check(after, Options())
    # without a change, what the second run reports is what is found in the result
    left = Counter(d.code for d in again.diagnostics)
    were = Counter(d.code for d in before.diagnostics)
    if left != Counter(d.code for d in report.diagnostics):
        faults.append(f"reported as left: {[d.code for d in report.diagnostics]}, really left: {dict(left)}")
    if new := left - were:
        # a finding about lines that stood there all the time was hidden by what is fixed
        written = written_lines(raw, after, filename)
        brought = [
            d for d in again.diagnostics if d.code in new and any(line in written for line in _lines(d))
        ]
        if worse:
            advice = Counter(d.code for d in brought if d.code in advised)
            brought = [d for d in brought if d.code not in advised]
        if brought:
            faults.append(f"new findings: {dict(Counter(d.code for d in brought))}")
    # what a fix answers must be gone; the same root cause may have hidden another finding of the code, or the only one
    faults += [f"fixed and still there: {code}" for code in report.fixed if left[code] >= max(were[code], 1)]
    return faults, advice


def _lines(finding: Diagnostic) -> set[tuple[int | None, int]]:
    """Cell and line of all that the finding and the steps of its trace stand on."""
    places = [(finding.cell, finding.span)]
    places += [(step.cell, step.span) for step in finding.trace if step.path == finding.path]
    return {(cell, line) for cell, span in places for line in range(span.line, span.end_line + 1)}
