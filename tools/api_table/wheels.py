"""Wheels of a package, through pip: whatever index pip is configured for is the one that is asked."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from packaging.version import Version

from tools.api_table.scope import Scope


class IndexFailure(RuntimeError):
    """pip could not list or download the releases."""


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise IndexFailure(f"{' '.join(command[2:])}: {done.stderr.strip()[-500:]}")
    return done.stdout


def published(scope: Scope) -> list[Version]:
    """Stable releases on the index from the first one in scope on, oldest first. Raises IndexFailure."""
    marker = "Available versions:"
    lines = [
        line for line in _pip("index", "versions", scope.package).splitlines() if line.startswith(marker)
    ]
    if not lines:
        raise IndexFailure(f"pip index versions {scope.package} lists no releases")
    versions = sorted(Version(text.strip()) for text in lines[0].removeprefix(marker).split(","))
    return [v for v in versions if v >= Version(scope.first) and not v.is_prerelease]


def selected(scope: Scope, versions: Iterable[Version]) -> list[Version]:
    """The releases that are read: all of them, or the newest patch of each minor release."""
    versions = list(versions)
    if scope.every_release:
        return versions
    return list({version.release[:2]: version for version in versions}.values())


def wheel(package: str, version: Version, work: Path) -> Path:
    """The wheel of that release, from the work directory if it lies there, else downloaded to it."""

    def found() -> list[Path]:
        return sorted(work.glob(f"{package}-{version}-*.whl"))

    if not found():
        _pip(
            "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(work), f"{package}=={version}"
        )
    return found()[0]


def unpack(path: Path, scope: Scope, into: Path) -> None:
    """Writes the files of the wheel that are in scope."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if scope.files.match(name):
                archive.extract(name, into)
    # peft 0.6.2 still carries a tuners/lora.py beside the package tuners/lora/; Python imports the package.
    for init in into.rglob("__init__.py"):
        init.parent.with_suffix(".py").unlink(missing_ok=True)
