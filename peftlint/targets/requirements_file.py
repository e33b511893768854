"""requirements*.txt as pip reads it: nested files, constraints, hashes, markers, continued lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from peftlint.targets.reading import Reading, Tier, numbered, shown, text_of
from peftlint.targets.requirement import Stated

_COMMENT = re.compile(r"(^|\s)#.*$")
_NESTED = re.compile(r"(-r|-c|--requirement|--constraint)(?:\s+|\s*=\s*|(?=\S))(\S.*)$")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(\S+)$")
_OPTIONS = re.compile(r"\s--[a-z][\w-]*(?:[=\s].*)?$")


def read_requirements(path: Path) -> Reading:
    """The statements of a requirements file and of the files that it includes."""
    reading = Reading([Tier()])
    _read(path, reading, reading.tiers[0].statements, set())
    return reading


def _read(path: Path, reading: Reading, into: list[Stated], seen: set[Path]) -> None:
    name = shown(path)
    try:
        resolved = path.resolve()
        if resolved in seen:
            return
        seen.add(resolved)
        text = text_of(path)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL byte in the name; links in a circle
        reading.warnings.append(f"{name}: cannot be read: {_reason(error)}")
        return
    for line, content in _logical_lines(text):
        if match := _NESTED.match(content):
            nested = path.parent / match[2].strip("\"' ")
            constraining = match[1] in ("-c", "--constraint")
            _read(nested, reading, reading.tiers[0].constraints if constraining else into, seen)
            continue
        if match := _EDITABLE.match(content):
            content = match[1]
        elif content.startswith("-"):
            continue
        reading.state(into, _OPTIONS.sub("", content), name, line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, continued ones joined, with the number of their first line."""
    started, parts = 0, ""
    for number, line in numbered(text):
        started = started or number
        stripped = _COMMENT.sub("", line)
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts += line[:-1]
            continue
        parts += stripped
        if parts.strip():
            yield started, parts.strip()
        started, parts = 0, ""
    if parts.strip():
        yield started, parts.strip()


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return error.strerror or str(error)
        case UnicodeDecodeError():
            return f"not text ({error.reason})"
    return str(error)
