"""A copy of a library that lies in the project: the program imports it, and it says itself which release it was made of."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from peftlint.targets.reading import Reading, Tier, shown, text_of

#: how all four libraries say it
_VERSION = re.compile(r"""^__version__\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)


def read_copy(path: Path) -> Reading:
    """The release that the `__init__.py` of a library names; of one under development, the release that it became."""
    reading = Reading([Tier()])
    try:
        found = _VERSION.search(text := text_of(path))
    except (OSError, UnicodeDecodeError):
        return reading  # what is no package is nothing that a program imports
    if found is None:
        return reading
    try:
        release = Version(found[1]).base_version
    except InvalidVersion:
        return reading
    line = text.count("\n", 0, found.start()) + 1
    reading.state(reading.tiers[0].statements, f"{path.parent.name}=={release}", shown(path), line)
    return reading
