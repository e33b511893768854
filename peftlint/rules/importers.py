"""What the files that import a module say against the findings in it.

Alone, a module tells that nobody loads the weights, or activates the adapter. The file that imports its model (or its
class) may do just that. Such a finding is taken back where the run of an importing file passes the place of the
finding, goes on to change that model in code of its own, and gives no such finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

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
    GradientsSet,
    Merged,
    StateDictTaken,
    Trained,
    TrainerBuilt,
    Unmerged,
    WeightsPatched,
)

if TYPE_CHECKING:
    from peftlint.diagnostics import Diagnostic
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source

#: how many importing files are asked
MOST_IMPORTERS = 8
_CHANGES = (
    AdapterActivated, AdapterAdded, AdapterDeleted, AdapterLoaded, AdapterNamed, AdaptersCombined, AdaptersDisabled,
    AdaptersEnabled, Escaped, GradientsSet, Merged, StateDictTaken, Trained, TrainerBuilt, Unmerged, WeightsPatched,
)  # fmt: skip

#: analyses a file of the project and runs the rules over it
Run = Callable[["Source"], tuple["Analysis", "list[Diagnostic]"]]


def kept(found: list[Diagnostic], source: Source, project: Project, run: Run) -> list[Diagnostic]:
    """The findings without those in `source` itself that a file importing it takes back."""
    own = [diagnostic for diagnostic in found if diagnostic.path == source.path]
    if not own:
        return found
    taken_back: set[int] = set()
    for path in project.importers(source.path)[:MOST_IMPORTERS]:
        importer = project.source(path)
        if importer is None:
            continue
        analysis, others = run(importer)
        again = {(d.code, d.span.line) for d in others if d.path == source.path}
        for diagnostic in own:
            if (diagnostic.code, diagnostic.span.line) not in again:
                networks = _networks_at(analysis, source.path, diagnostic.span.line)
                if _changed_outside(analysis, source.path, networks):
                    taken_back.add(id(diagnostic))
    return [diagnostic for diagnostic in found if id(diagnostic) not in taken_back]


def _networks_at(analysis: Analysis, path: str, line: int) -> set[int]:
    """The models that something happens to on this line."""
    return {
        event.network
        for event in analysis.events
        if event.network is not None
        and event.syntax.path == path
        and event.syntax.span(event.node).line <= line <= event.syntax.span(event.node).end_line
    }


def _changed_outside(analysis: Analysis, path: str, networks: Iterable[int]) -> bool:
    """Does code outside the file at `path` change one of the models?"""
    return any(event.syntax.path != path for network in networks for event in analysis.on(network, *_CHANGES))
