"""A copy of a library that lies in the project: the program imports it, and it says itself which release it was made of."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from peftlint.targets.reading import Reading, Tier, shown, text_of

#: how all four libraries say it
_VERSION = re.compile(r"""^__version__\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)


def read_copy(path: Path) -> Reading:
    """The release that the `__init__.py` of a library names; of one under development, those before and after it."""
    reading = Reading([Tier()])
    try:
        found = _VERSION.search(text := text_of(path))
    except (OSError, UnicodeDecodeError):
        return reading  # what is no package is nothing that a program imports
    if found is None:
        return reading
    try:
        admitted = _admitted(Version(found[1]))
    except InvalidVersion:
        return reading
    line = text.count("\n", 0, found.start()) + 1
    reading.state(reading.tiers[0].statements, f"{path.parent.name}{admitted}", shown(path), line)
    return reading


def _admitted(version: Version) -> str:
    """`0.11.2.dev0` is what became 0.12.0, `0.3.0.dev0` what became 0.3.0: much of it may be there, or not yet."""
    major, minor, micro = (*version.release, 0, 0)[:3]
    if not version.is_devrelease:
        return f"=={version.base_version}"
    if micro:
        return f">={major}.{minor},<={major}.{minor + 1}.0"
    return f">={major}.{minor - 1},<={major}.{minor}.0" if minor else f"=={major}.0.0"
