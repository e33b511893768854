"""The releases of the libraries that the project at hand uses.

A `Target` is the list of known releases that the project admits. A statement about a release range holds
for the project only if it holds for every admitted release (`every`); it may matter if it holds for some.
`detect` finds the targets of a file from the dependency files beside and above it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from peftlint.semantics.api.releases import PACKAGES
from peftlint.targets.model import Target, Targets, newest_known

__all__ = ["PACKAGES", "Target", "Targets", "detect", "newest_known"]


def detect(
    path: Path, overrides: Mapping[str, str], source_shell_lines: Sequence[str] = (), code: str = ""
) -> Targets:
    """The releases that count for the file (or directory) `path`.

    For each package the first of these that says something: `overrides` (package -> version or specifier;
    "0.17" means every release of 0.17), a versioned `pip install` among the shell lines of the notebook,
    the header of a script with its own dependencies (PEP 723, in `code`), the dependency files of the nearest
    directory up to the root of the repository that name the package with a version (see
    peftlint.targets.project for their order), else the newest known release.

    Raises ValueError for an override that is neither, or of an unknown package. What is wrong in
    dependency files becomes `Targets.warnings`.
    """
    from peftlint.targets.detection import detect_targets

    return detect_targets(path, overrides, source_shell_lines, code)
