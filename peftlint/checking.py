"""Checks one file that is read: rules, the project's say on severities and fixes, suppression, positions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from peftlint.comments import lines_of
from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from peftlint.result import Excerpt, Place
from peftlint.rules.registry import asked_for, expand, most_specific, select
from peftlint.suppression import Suppressions

if TYPE_CHECKING:
    from peftlint.semantics.project import Project
    from peftlint.settings import Settings
    from peftlint.sources.base import Source
    from peftlint.targets import Targets

#: lines around a finding that its code frame shows
CONTEXT_LINES = 2


@dataclass(frozen=True)
class Policy:
    """Which rules run on a file, how severe they are there and which of their fixes may be used."""

    codes: frozenset[str]
    severity: Mapping[str, str]
    fixable: frozenset[str]
    promoted: frozenset[str]
    demoted: frozenset[str]
    #: codes that were selected by more than the default: they report harmless habits too
    asked_for: frozenset[str] = frozenset()
    ignore_suppressions: bool = False

    @classmethod
    def of(
        cls,
        settings: Settings,
        ignored: Collection[str] = (),
        ignore_suppressions: bool = False,
    ) -> Policy:
        """The policy of a project for a file in which the selectors `ignored` are left out."""
        codes = select(
            settings.select, settings.ignore, settings.extend_select, settings.extend_ignore, settings.strict
        )
        fixable = _expand_all(settings.fixable) if settings.fixable is not None else expand("ALL")
        asked = asked_for(settings.select, settings.extend_select, settings.strict)
        return cls(
            codes=codes - _expand_all(ignored),
            severity=settings.severity,
            fixable=fixable - _expand_all(settings.unfixable),
            promoted=_expand_all(settings.extend_safe_fixes),
            demoted=_expand_all(settings.extend_unsafe_fixes),
            asked_for=asked | expand("PEFT9") if settings.upgrading else asked,
            ignore_suppressions=ignore_suppressions,
        )

    def settled(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with the project's severity, and with its fix as far as the project allows it."""
        code, fix = diagnostic.code, diagnostic.fix
        if self.severity and (selector := most_specific(code, self.severity)):
            diagnostic = replace(diagnostic, severity=Severity(self.severity[selector]))
        if fix is None:
            return diagnostic
        if code not in self.fixable:
            return diagnostic.with_fix(None)
        if code in self.demoted and fix.applicability is Applicability.SAFE:
            return diagnostic.with_fix(replace(fix, applicability=Applicability.UNSAFE))
        if code in self.promoted and fix.applicability is Applicability.UNSAFE:
            return diagnostic.with_fix(replace(fix, applicability=Applicability.SAFE))
        return diagnostic


def _expand_all(selectors: Collection[str]) -> frozenset[str]:
    return frozenset().union(*(expand(selector) for selector in selectors))


def check_program(
    source: Source,
    policy: Policy,
    targets: Targets,
    project: Project | None = None,
    factories: Mapping[str, str] | None = None,
) -> list[Diagnostic]:
    """Findings in one program, in its own coordinates; suppressed ones are marked.

    Raises `SourceError` (in the program's coordinates) if it does not parse.
    """
    from peftlint.rules.engine import diagnose

    if not policy.codes:
        return []
    diagnostics = diagnose(source, policy.codes, targets, project, factories, policy.asked_for)
    if not policy.ignore_suppressions:
        diagnostics = Suppressions(source.code, source.path).applied(diagnostics, policy.codes)
    return [policy.settled(diagnostic) for diagnostic in diagnostics]


def settled_in(source: Source, diagnostics: Iterable[Diagnostic], policy: Policy) -> list[Diagnostic]:
    """Findings in `source` that were made elsewhere, as its own comments and the policy have them."""
    found = [diagnostic for diagnostic in diagnostics if diagnostic.code in policy.codes]
    if not policy.ignore_suppressions:
        found = Suppressions(source.code, source.path).marked(found)
    return [policy.settled(diagnostic) for diagnostic in found]


def located(diagnostic: Diagnostic, source: Source) -> Diagnostic:
    """The diagnostic in the coordinates of the file. Steps in other files are there already."""
    place = source.locate(diagnostic.span)
    return replace(
        diagnostic,
        span=place.span,
        cell=place.cell,
        trace=tuple(_located_step(step, source) for step in diagnostic.trace),
        fix=diagnostic.fix and _located_fix(diagnostic.fix, source),
    )


def _located_step(step: Step, source: Source) -> Step:
    if step.path != source.path:
        return step
    place = source.locate(step.span)
    return replace(step, span=place.span, cell=place.cell)


def _located_fix(fix: Fix, source: Source) -> Fix:
    return replace(fix, edits=tuple(_located_edit(edit, source) for edit in fix.edits))


def _located_edit(edit: Edit, source: Source) -> Edit:
    place = source.locate(edit.span)
    return replace(edit, span=place.span, cell=place.cell)


def excerpts(
    diagnostic: Diagnostic, source: Source, read_source: Callable[[str], Source | None]
) -> Iterator[tuple[Place, Excerpt]]:
    """The lines that a code frame of this diagnostic (in the program's coordinates) may show.

    `read_source` gives the program of another file in which the trace has steps, if that can be read.
    """
    span = diagnostic.span
    yield from _excerpts(source, range(span.line - CONTEXT_LINES, span.end_line + CONTEXT_LINES + 1))
    for path in dict.fromkeys(step.path for step in diagnostic.trace):
        where = source if path == source.path else read_source(path)
        if where is not None:
            yield from _excerpts(where, [step.span.line for step in diagnostic.trace if step.path == path])


def _excerpts(source: Source, numbers: Iterable[int]) -> Iterator[tuple[Place, Excerpt]]:
    lines = lines_of(source.code)
    if not lines[-1]:
        lines.pop()  # after the last line break there is no line in the file
    for number in numbers:
        if 1 <= number <= len(lines):
            place = source.locate(Span(number, 1, number, 1))
            key = (source.path, place.cell, place.span.line)
            yield key, Excerpt(lines[number - 1], place.span.column - 1)
