"""The files of one run, seen as Python modules that import each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class Project:
    """`paths` are all Python files of the run (read only when something imports them)."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
