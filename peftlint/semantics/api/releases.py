"""The releases that are known of each library: generated data, small enough to be read at any time."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from packaging.version import InvalidVersion, Version

from peftlint.dependency_files import PACKAGES as PACKAGES

#: where `python -m tools.api_table` writes
DATA = Path(__file__).with_name("data")


@lru_cache(maxsize=1)
def _releases() -> dict[str, dict[str, list[str]]]:
    content: dict[str, dict[str, list[str]]] = json.loads(
        (DATA / "releases.json").read_text(encoding="utf-8")
    )
    return content


def known_releases(package: str) -> tuple[str, ...]:
    """Stable releases of the package, oldest first, from the first to the last that the table covers.

    Raises KeyError for a package other than those in `PACKAGES`.
    """
    return tuple(_releases()[package]["published"])


def tabled_releases(package: str) -> tuple[str, ...]:
    """The releases that the table was read from, oldest first: of transformers, diffusers and trl the newest
    patch of each minor release, of peft every one."""
    return tuple(_releases()[package]["tabled"])


def newest_release(package: str) -> str:
    return _releases()[package]["published"][-1]


@lru_cache(maxsize=1024)
def tabled_release(package: str, release: str) -> int:
    """Index in `tabled_releases` of the release whose entries stand for this one.

    That is the same release, else one of the same minor release, else the newest before it, else the oldest.
    A release newer than all known ones is treated like the newest. Raises ValueError if it is no version.
    """
    try:
        wanted = Version(release)
    except InvalidVersion as error:
        raise ValueError(f"not a version of {package}: {release!r}") from error
    tabled = [Version(text) for text in tabled_releases(package)]
    same_minor = [i for i, version in enumerate(tabled) if version.release[:2] == (*wanted.release, 0)[:2]]
    if wanted in tabled:
        return tabled.index(wanted)
    earlier = [i for i in same_minor if tabled[i] <= wanted] or same_minor[:1]
    if not earlier:
        earlier = [i for i, version in enumerate(tabled) if version <= wanted]
    return earlier[-1] if earlier else 0
