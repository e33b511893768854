"""Runs the selected rules over one analysed source."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.targets import Targets

if TYPE_CHECKING:
    from peftlint.semantics.project import Project
    from peftlint.sources.base import Source


def diagnose(
    source: Source, codes: Collection[str], targets: Targets, project: Project | None = None
) -> list[Diagnostic]:
    """All findings of the rules in `codes`, in the coordinates of `source.code`, in order of position.

    Raises `SourceError` (position in `source.code`) if the code does not parse.
    """
    return []
