"""uv.lock, poetry.lock, pdm.lock and pylock.toml: the release that is really installed.

Lock files grow to megabytes, so only the tables of the four libraries are parsed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.version import Version

from peftlint.targets.reading import Reading, Tier, shown, text_of
from peftlint.targets.requirement import Stated, package_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TABLE = re.compile(r"^\[\[packages?\]\][ \t]*\r?$", re.MULTILINE)
_NEXT = re.compile(r"^\[(?!\[?packages?\.)[^\n]*\][ \t]*\r?$", re.MULTILINE)
_NAME = re.compile(r"^name[ \t]*=[ \t]*[\"']([\w.-]+)[\"']", re.MULTILINE)


def read_lock(path: Path) -> Reading:
    """The locked releases; several where the lock forks by marker."""
    name = shown(path)
    reading = Reading([Tier()])
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        reading.warnings.append(f"{name}: cannot be read: {error}")
        return reading
    for line, block in _tables(text):
        found = _NAME.search(block)
        package = package_of(found[1]) if found else None
        if package is None:
            continue
        try:
            version = Version(str(_entry(block)["version"]))
        except KeyError:
            continue  # the project itself, with a version that is computed
        except (ValueError, RecursionError) as error:
            reading.warnings.append(f"{name}:{line}: the entry of {package} cannot be read: {error}")
            continue
        statement = Stated(package, f"=={version}", name, line, f"{package}=={version}")
        if not any(
            s.specifier == statement.specifier and s.package == package for s in reading.tiers[0].statements
        ):
            reading.tiers[0].statements.append(statement)
    return reading


def _tables(text: str) -> Iterator[tuple[int, str]]:
    """Each [[package]] table with the number of its first line."""
    starts = [match.start() for match in _TABLE.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        header_end = text.find("\n", start) + 1 or len(text)
        following = _NEXT.search(text, header_end, end)
        yield text.count("\n", 0, start) + 1, text[start : following.start() if following else end]


def _entry(block: str) -> dict[str, Any]:
    tables = tomllib.loads(block)
    entry: dict[str, Any] = (tables.get("package") or tables["packages"])[0]
    return entry
