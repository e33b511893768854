"""Where a directory says which releases of the libraries are in use. `peftlint.targets.project` tells how they are read."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection, Iterator

#: the libraries of which there are tables
PACKAGES = ("peft", "transformers", "diffusers", "trl")

#: names of dependency files, what counts most first: a lock says which release is installed, requirements which to
#: install, metadata which are allowed
PATTERNS = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "pylock.*.toml",
    "requirements.txt",
    "requirements*.txt",
    "pyproject.toml",
    "PKG-INFO",
    "*.dist-info/METADATA",
    "setup.cfg",
    "setup.py",
    "environment.yml",
    "environment*.y*ml",
    # such a folder mostly holds variants, for tests or for a backend: it does not outweigh the metadata
    "requirements/*.txt",
)


def matching(directory: str, pattern: str, names: Collection[str]) -> list[str]:
    """The files of that pattern in a directory with these names, relative to it."""
    folder, _, pattern = pattern.rpartition("/")
    if not folder:
        return _filter(names, pattern)
    # an unpacked wheel has one such folder; where packages are installed, each has one, and none speaks for the others
    folders = _filter(names, folder)
    if len(folders) != 1:
        return []
    try:
        inside = sorted(os.listdir(os.path.join(directory, folders[0])))
    except OSError:
        return []
    return [f"{folders[0]}/{name}" for name in _filter(inside, pattern)]


def _filter(names: Collection[str], pattern: str) -> list[str]:
    return [name for name in names if fnmatch.fnmatchcase(name, pattern)]


def copies(directory: str, names: Collection[str]) -> Iterator[str]:
    """`__init__.py` of copies of the libraries beside a program: the package alone, or in its repository."""
    for package in PACKAGES:
        for first, *below in ((package,), (package, "src", package), ("src", package)):
            if first in names:
                copy = os.path.join(first, *below, "__init__.py")
                if os.path.isfile(os.path.join(directory, copy)):
                    yield copy
