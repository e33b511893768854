"""Runs the selected rules over one analysed source."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import registry
from peftlint.sources.base import SourceError
from peftlint.startup import import_interpreter, uncollected
from peftlint.targets import Targets

if TYPE_CHECKING:
    from peftlint.rules.base import Rule
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source


def _order(rule: Rule) -> tuple[str, bool, str]:
    """A rule that explains others comes just before the first of them."""
    return min((rule.code, *rule.explains)), not rule.explains, rule.code


@lru_cache(maxsize=8)
def _in_order(codes: frozenset[str]) -> list[Rule]:
    with uncollected():
        return sorted((registry.load(code) for code in codes), key=_order)


def diagnose(
    source: Source,
    codes: Collection[str],
    targets: Targets,
    project: Project | None = None,
    factories: Mapping[str, str] | None = None,
    asked_for: Collection[str] = (),
) -> list[Diagnostic]:
    """All findings of the rules in `codes`, in the coordinates of `source.code`, in order of position.

    `factories` are functions of a house of its own that make models, with the kind of each ("peft", "transformers").
    Rules in `asked_for` report harmless habits too, which the default set leaves alone.
    Findings in other files of the project, met on the way through their functions, carry the path of that file.
    Raises `SourceError` (position in `source.code`) if the code does not parse, or Python's stack is too small for it.
    """
    import_interpreter()
    from peftlint.rules.importers import kept

    def run(program: Source) -> tuple[Analysis, list[Diagnostic]]:
        return _run(program, codes, targets, project, factories, asked_for)

    alone, found = run(source)
    if alone.interpreter.out_of_stack:
        raise SourceError("its calls and values are nested too deeply to be followed: nothing is said of it")
    return kept(found, alone, source, project, run) if project is not None and found else found


def _run(
    source: Source,
    codes: Collection[str],
    targets: Targets,
    project: Project | None,
    factories: Mapping[str, str] | None,
    asked_for: Collection[str],
) -> tuple[Analysis, list[Diagnostic]]:
    from peftlint.semantics.analysis import Analysis

    analysis = Analysis(source, targets, project, factories or {})
    analysis.asked_for = frozenset(asked_for)
    found: dict[tuple[str, str, object], Diagnostic] = {}
    # rules that are not asked for still explain: without them a consequence would be reported as a cause
    for rule in _in_order(registry.expand("default").union(codes)):
        analysis.rule = rule.code
        for diagnostic in rule.check(analysis):
            if diagnostic.code not in codes:
                continue
            found.setdefault((diagnostic.code, diagnostic.path, diagnostic.span), diagnostic)
    return analysis, sorted(found.values(), key=lambda d: (d.path, d.span, d.code))
