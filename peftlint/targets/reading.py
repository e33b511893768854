"""What the reader of a dependency file hands on."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peftlint.files import LARGEST, bytes_of
from peftlint.targets.requirement import Stated, UnreadableRequirement, stated

#: every dependency file that this process has tried to read
OPENED: set[str] = set()


@dataclass
class Tier:
    """Statements of equal rank: the releases that one of them and every constraint admits are admitted."""

    statements: list[Stated] = field(default_factory=list)
    constraints: list[Stated] = field(default_factory=list)


@dataclass
class Reading:
    """Tiers of one file, the first that says something about a package counts; and what could not be read."""

    tiers: list[Tier] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def state(self, into: list[Stated], text: str, file: str, line: int) -> None:
        """Adds the statement that a requirement makes, or a warning."""
        try:
            statement = stated(text, file, line)
        except UnreadableRequirement as error:
            self.warnings.append(str(error))
            return
        if statement is not None:
            into.append(statement)


def shown(path: Path) -> str:
    """The path as messages show it: relative to the working directory if it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def text_of(path: Path) -> str:
    """The file's text: UTF-8, or UTF-16 by its mark (`pip freeze > requirements.txt` in old Windows shells).

    Raises OSError, and UnicodeDecodeError for neither.
    """
    OPENED.add(str(path))
    try:
        raw = bytes_of(path, LARGEST)
    except ValueError as error:  # a NUL byte in the path
        raise OSError(str(error)) from None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    return raw.decode("utf-8-sig")


class Lines:
    """Finds the line of a text in a file; repeated texts are found one after the other."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self._after: dict[str, int] = {}

    def find(self, text: str) -> int:
        """1-based line of the next occurrence of `text`, 0 if it is not there as it stands."""
        for index in range(self._after.get(text, 0), len(self.lines)):
            line = self.lines[index].replace('\\"', '"').replace("\\'", "'")
            if text in line and not line.lstrip().startswith("#"):
                self._after[text] = index + 1
                return index + 1
        return 0


def numbered(text: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text.splitlines(), 1)
