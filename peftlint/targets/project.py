"""The dependency files of a directory, in the order in which they count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import cast

from peftlint.dependency_files import PATTERNS, copies, matching
from peftlint.targets.reading import Reading, Tier

#: Readers ("module:function", in this package) of the patterns that are not read as requirements are. One is imported when
#: there is such a file: most of them need a parser of their own.
_READERS = {
    "uv.lock": "locks:read_lock",
    "poetry.lock": "locks:read_lock",
    "pdm.lock": "locks:read_lock",
    "pylock.toml": "locks:read_lock",
    "pylock.*.toml": "locks:read_lock",
    "pyproject.toml": "pyproject:read_pyproject",
    "PKG-INFO": "metadata:read_metadata",
    "*.dist-info/METADATA": "metadata:read_metadata",
    "setup.cfg": "setup_files:read_setup_cfg",
    "setup.py": "setup_files:read_setup_py",
    "environment.yml": "conda:read_environment",
    "environment*.y*ml": "conda:read_environment",
}


@lru_cache(maxsize=4096)
def readings(directory: Path) -> tuple[Reading, ...]:
    """What the dependency files of the directory say, the one that counts most first."""
    return tuple(_readings(directory))


def _readings(directory: Path) -> Iterator[Reading]:
    names = _names(directory)
    for copy in copies(str(directory), names):
        yield _reader("copies:read_copy")(directory / copy)
    if "uv.lock" not in names and "pyproject.toml" in names:
        yield from _workspace_lock(directory)
    read: set[str] = set()
    for pattern in PATTERNS:
        fresh = [name for name in matching(str(directory), pattern, names) if name not in read]
        read.update(fresh)
        reader = _READERS.get(pattern, "requirements_file:read_requirements")
        found = [_reader(reader)(directory / name) for name in fresh]
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
