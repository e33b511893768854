"""What the files that import a module say against the findings in it.

Alone, a module tells that nobody loads the weights, or activates the adapter, and of a function nothing but its text: what
it is given, and what is called before and after it, the file says that imports it. A finding is taken back where the run of an
importing file gives no such finding although it
- goes on to change the model in another file, or surely changes it by another call, or
- calls the function in which the finding stands, and what it is given makes it another case: no model is met there, or a
  condition around the place asks for a parameter. Then no other importing file may have the finding.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from operator import is_
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdapterNamed,
    AdaptersCombined,
    AdaptersDisabled,
    AdaptersEnabled,
    Escaped,
    FunctionCalled,
    GradientsSet,
    Merged,
    NameImported,
    NameUsed,
    StateDictTaken,
    Trained,
    TrainerBuilt,
    Unmerged,
    WeightsPatched,
)

if TYPE_CHECKING:
    from peftlint.diagnostics import Diagnostic
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source

#: how many importing files are asked
MOST_IMPORTERS = 8
_CHANGES = (
    AdapterActivated, AdapterAdded, AdapterDeleted, AdapterLoaded, AdapterNamed, AdaptersCombined, AdaptersDisabled,
    AdaptersEnabled, Escaped, GradientsSet, Merged, StateDictTaken, Trained, TrainerBuilt, Unmerged, WeightsPatched,
)  # fmt: skip
_ONLY_NAMES = (FunctionCalled, NameImported, NameUsed)

#: analyses a file of the project and runs the rules over it
Run = Callable[["Source"], tuple["Analysis", "list[Diagnostic]"]]


def kept(
    found: list[Diagnostic], alone: Analysis, source: Source, project: Project, run: Run
) -> list[Diagnostic]:
    """The findings of the analysis `alone` without those in `source` itself that a file importing it takes back."""
    own = [diagnostic for diagnostic in found if diagnostic.path == source.path]
    if not own:
        return found
    taken_back: set[int] = set()
    called: set[int] = set()
    confirmed: set[int] = set()
    for path in project.importers(source.path)[:MOST_IMPORTERS]:
        importer = project.source(path)
        if importer is None:
            continue
        analysis, others = run(importer)
        again = {(d.code, d.span.line) for d in others if d.path == source.path}
        for diagnostic in own:
            if (diagnostic.code, diagnostic.span.line) in again:
                confirmed.add(id(diagnostic))
            elif _changed_by_importer(analysis, source.path, diagnostic.span.line):
                taken_back.add(id(diagnostic))
            elif _called_otherwise(analysis, alone, source.path, diagnostic.span.line):
                called.add(id(diagnostic))
    taken_back |= called - confirmed
    return [diagnostic for diagnostic in found if id(diagnostic) not in taken_back]


def _changed_by_importer(analysis: Analysis, path: str, line: int) -> bool:
    """Is a model to which something happens on this line changed in another file, or surely by another call of this one?"""
    there = [event for event in analysis.events if event.network is not None and _stands(event, path, line)]
    return any(
        change.syntax.path != path or any(_surely_follows(analysis, change, event) for event in there)
        for network in {event.network for event in there}
        for change in analysis.on(network, *_CHANGES)
    )


def _surely_follows(analysis: Analysis, change: Event, event: Event) -> bool:
    """Does the change come of another call in the importing file, which is made wherever that of the event was made?"""
    common = sum(takewhile(bool, map(is_, event.stack, change.stack)))
    call = change.stack[common] if len(change.stack) > common else None
    if call is None or not change.after(event) or not analysis.syntax.holds(call):
        return False
    beside = _conditions(analysis, event.stack[common]) if len(event.stack) > common else set()
    return _conditions(analysis, call) <= beside


def _conditions(analysis: Analysis, node: cst.CSTNode) -> set[cst.CSTNode]:
    """The statements around a node that decide whether it is reached, each part of them (an `else`) for itself."""
    found: set[cst.CSTNode] = set()
    inner, outer = node, analysis.syntax.parent(node)
    while outer is not None and not isinstance(outer, cst.FunctionDef | cst.ClassDef):
        if isinstance(outer, cst.If | cst.For | cst.While | cst.Try | cst.TryStar | cst.Match | cst.IfExp):
            found.add(inner)
        inner, outer = outer, analysis.syntax.parent(outer)
    return found


def _stands(event: Event, path: str, line: int) -> bool:
    if event.syntax.path != path:
        return False
    span = event.syntax.span(event.node)
    return span.line <= line <= span.end_line


def _called_otherwise(analysis: Analysis, alone: Analysis, path: str, line: int) -> bool:
    """Did the importing file call the function around this line, and was it what is given that made the finding?

    That is so if no model is met then on a line where something happens, or if a condition around the line asks for a
    parameter.
    """
    called = _function_around(analysis, path, line)
    calls = analysis.interpreter.called_elsewhere.get(called, ()) if called is not None else ()
    if not any(analysis.syntax.holds(call) for call in calls):
        return False
    function, given = _function_around(alone, path, line), alone.interpreter.parameters
    there = [event for event in alone.events if _stands(event, path, line)]
    asked = {part for event in there for guard in event.guards for part in (guard.key, *guard.parts)}
    if any(given.get(part) is function for part in asked):
        return True
    met = any(event.network is not None and _stands(event, path, line) for event in analysis.events)
    return not met and any(not isinstance(event, _ONLY_NAMES) for event in there)


def _function_around(analysis: Analysis, path: str, line: int) -> cst.CSTNode | None:
    """The innermost function of the file that holds the line."""
    innermost: tuple[int, cst.CSTNode] | None = None
    for syntax in analysis.interpreter.module_syntax.values():
        for function in syntax.every(cst.FunctionDef) if syntax.path == path else ():
            span = syntax.span(function)
            if span.line <= line <= span.end_line and (innermost is None or span.line > innermost[0]):
                innermost = span.line, function
    return innermost[1] if innermost is not None else None
