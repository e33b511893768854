"""Puts together what settings, the notebook itself and the dependency files say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from peftlint.semantics.api.releases import PACKAGES, known_releases, newest_release
from peftlint.targets.model import Target, Targets, newest_known
from peftlint.targets.project import chain, readings
from peftlint.targets.reading import Reading, shown
from peftlint.targets.requirement import Stated, admitted, override
from peftlint.targets.script import read_script_header
from peftlint.targets.shell import read_shell_lines


def detect_targets(
    path: Path, overrides: Mapping[str, str], source_shell_lines: Sequence[str], code: str
) -> Targets:
    """See `peftlint.targets.detect`."""
    found = {package: override(package, text) for package, text in overrides.items()}
    warnings: list[str] = []
    directory = _directory(path)
    if source_shell_lines and len(found) < len(PACKAGES):
        reading = read_shell_lines(source_shell_lines, directory, shown(path))
        warnings += reading.warnings
        for package in PACKAGES:
            if package not in found and (target := _first((reading,), package)[0]):
                found[package] = target
    if len(found) < len(PACKAGES) and (header := read_script_header(code, shown(path))):
        warnings += header.warnings
        for package in PACKAGES:
            if package not in found and (target := _first((header,), package)[0]):
                found[package] = target
    if len(found) < len(PACKAGES):
        of_project, project_warnings = _of_directory(directory)
        found = of_project | found
        warnings += project_warnings
    found = {package: _beside(target, found, overrides) for package, target in found.items()}
    return Targets(**found, warnings=tuple(dict.fromkeys(warnings)))


#: libraries whose newest release does not install beside an old one of another: TRL 1.16 asks for transformers >= 4.56.2,
#: peft and diffusers for any transformers (metadata of their wheels)
_NEEDS = {"trl": "transformers"}


def _beside(target: Target, found: Mapping[str, Target], overrides: Mapping[str, str]) -> Target:
    """The target; one that nobody declared, beside an older release of a library that it needs: any release."""
    needed = found.get(_NEEDS.get(target.package, ""))
    if target.declared or needed is None or not needed.declared or needed.package in overrides:
        return target
    if needed.newest == newest_release(needed.package):
        return target
    origin = f"any release ({needed.package} {needed.newest} beside it is not the newest)"
    return Target(target.package, known_releases(target.package), origin)


def _directory(path: Path) -> Path:
    path = path.absolute()
    return path if path.is_dir() else path.parent


@lru_cache(maxsize=4096)
def _of_directory(directory: Path) -> tuple[dict[str, Target], tuple[str, ...]]:
    """The targets of the files in a directory, by package, and the warnings of what was read for them."""
    found: dict[str, Target] = {}
    named: dict[str, Stated] = {}
    warnings: list[str] = []
    for each in chain(directory):
        read = readings(each)
        warnings += [warning for reading in read for warning in reading.warnings]
        for package in PACKAGES:
            if package in found:
                continue
            target, without_version = _first(read, package)
            if target is not None:
                found[package] = target
            elif without_version is not None:
                named.setdefault(package, without_version)
        if len(found) == len(PACKAGES):
            break
    for package in PACKAGES:
        if package not in found:
            target = newest_known(package)
            if package in named:
                target = Target(
                    package, target.releases, f"{target.origin} ({named[package].origin}, no version)"
                )
            found[package] = target
    return found, tuple(dict.fromkeys(warnings))


def _first(read: Iterable[Reading], package: str) -> tuple[Target | None, Stated | None]:
    """The target of the first tier that gives one; without any, the first mention of the package."""
    mentioned: Stated | None = None
    for reading in read:
        for tier in reading.tiers:
            statements = [s for s in tier.statements if s.package == package]
            if not statements:
                continue
            target = admitted(package, statements, [c for c in tier.constraints if c.package == package])
            if target is not None:
                return target, None
            mentioned = mentioned or statements[0]
    return None, mentioned


def forget() -> None:
    """Forgets what was read of all directories, for a process that outlives changes to them."""
    for cached in (_of_directory, readings, chain):
        cached.cache_clear()
