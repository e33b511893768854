"""The dependency files of a directory, in the order in which they count."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import cast

from peftlint.targets.reading import Reading, Tier

#: What counts before what: a lock says which release is installed, requirements which to install, metadata
#: which are allowed. Patterns are matched against names in the directory. A reader ("module:function", in this
#: package) is imported when there is such a file: most of them need a parser of their own.
_ORDER: tuple[tuple[str, str], ...] = (
    ("uv.lock", "locks:read_lock"),
    ("poetry.lock", "locks:read_lock"),
    ("pdm.lock", "locks:read_lock"),
    ("pylock.toml", "locks:read_lock"),
    ("pylock.*.toml", "locks:read_lock"),
    ("requirements.txt", "requirements_file:read_requirements"),
    ("requirements*.txt", "requirements_file:read_requirements"),
    ("pyproject.toml", "pyproject:read_pyproject"),
    ("PKG-INFO", "metadata:read_metadata"),
    ("*.dist-info/METADATA", "metadata:read_metadata"),
    ("setup.cfg", "setup_files:read_setup_cfg"),
    ("setup.py", "setup_files:read_setup_py"),
    ("environment.yml", "conda:read_environment"),
    ("environment*.y*ml", "conda:read_environment"),
    # Such a folder mostly holds variants, for tests or for a backend: it does not outweigh the metadata.
    ("requirements/*.txt", "requirements_file:read_requirements"),
)


@lru_cache(maxsize=4096)
def readings(directory: Path) -> tuple[Reading, ...]:
    """What the dependency files of the directory say, the one that counts most first."""
    return tuple(_readings(directory))


def _readings(directory: Path) -> Iterator[Reading]:
    names = _names(directory)
    if "uv.lock" not in names and "pyproject.toml" in names:
        yield from _workspace_lock(directory)
    read: set[str] = set()
    for pattern, reader in _ORDER:
        folder, _, pattern = pattern.rpartition("/")
        if "*" in folder:
            # an unpacked wheel has one such folder; where packages are installed, each has one, and none speaks for the others
            folders = fnmatch.filter(names, folder)
            folder = folders[0] if len(folders) == 1 else folder
        candidates = _names(directory / folder) if folder in names else () if folder else names
        matching = [n for n in candidates if fnmatch.fnmatchcase(n, pattern) and f"{folder}/{n}" not in read]
        read.update(f"{folder}/{name}" for name in matching)
        found = [_reader(reader)(directory / folder / name) for name in matching]
        if len(found) > 1:
            yield _together(found)
        else:
            yield from found


def _reader(name: str) -> Callable[[Path], Reading]:
    module, _, function = name.partition(":")
    return cast("Callable[[Path], Reading]", getattr(import_module(f"peftlint.targets.{module}"), function))


def _together(found: list[Reading]) -> Reading:
    """Files of equal rank, such as requirements-cpu.txt and requirements-gpu.txt: what any of them admits."""
    tiers = [tier for reading in found for tier in reading.tiers]
    statements = [statement for tier in tiers for statement in tier.statements]
    constraints = [constraint for tier in tiers for constraint in tier.constraints]
    return Reading(
        [Tier(statements, constraints)], [warning for reading in found for warning in reading.warnings]
    )


def _workspace_lock(directory: Path) -> Iterator[Reading]:
    """The lock of the uv workspace that the directory is a member of."""
    for root in directory.parents:
        if not (root / "uv.lock").is_file():
            continue
        from peftlint.targets.locks import read_lock
        from peftlint.targets.pyproject import workspace_members

        relative = PurePosixPath(directory.relative_to(root).as_posix())
        if any(relative.match(glob) for glob in workspace_members(root / "pyproject.toml")):
            yield read_lock(root / "uv.lock")
        return


def _names(directory: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(entry.name for entry in directory.iterdir()))
    except OSError:
        return ()


@lru_cache(maxsize=4096)
def chain(directory: Path) -> tuple[Path, ...]:
    """The directory and those above it up to the root of the repository, else of the file system."""
    above = (directory, *directory.parents)
    for index, each in enumerate(above):
        if (each / ".git").exists():
            return above[: index + 1]
    return above
