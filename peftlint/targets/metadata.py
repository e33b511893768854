"""Metadata of a distribution: PKG-INFO of a source archive, METADATA of an unpacked wheel.

It holds the requirements that were computed when the distribution was made, also where setup.py reads them from a file.
"""

from __future__ import annotations

from email.errors import MessageError
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from peftlint.targets.reading import Lines, Reading, Tier, shown, text_of


def read_metadata(path: Path) -> Reading:
    """First what the distribution needs, then its extras."""
    name = shown(path)
    reading = Reading([Tier(), Tier()])
    try:
        text = text_of(path)
        requirements = HeaderParser().parsestr(text).get_all("Requires-Dist", [])
    except (OSError, UnicodeDecodeError, MessageError) as error:
        reading.warnings.append(f"{name}: cannot be read: {error}")
        return reading
    lines = Lines(text)
    for requirement in requirements:
        tier = reading.tiers[1 if _of_extra(requirement) else 0]
        reading.state(tier.statements, requirement, name, lines.find(requirement))
    return reading


def _of_extra(requirement: str) -> bool:
    try:
        marker = Requirement(requirement).marker
    except InvalidRequirement:
        return False
    return marker is not None and "extra ==" in str(marker)
