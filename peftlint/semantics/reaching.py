"""Which files lead to PEFT, by what they import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from peftlint.files import bytes_of
from peftlint.semantics.project import Trace

if TYPE_CHECKING:
    from peftlint.semantics.project import Project


class Reaching:
    """Answers for one project, kept for all of its files."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, tuple[bool, Trace]] = {}

    def of(self, path: str) -> bool:
        """Does the file, or one that it imports (and so on), mention PEFT? (True as well if it cannot be read.)"""
        if path not in self._known:
            self._known[path] = self._project.traced(lambda: self._reaches(path, set()))
        known, made_use_of = self._known[path]
        self._project.note(made_use_of)
        return known

    def _reaches(self, path: str, read: set[str]) -> bool:
        from peftlint.gate import may_matter

        if path in read or not self._project.followed(path):
            return False
        read.add(path)
        if self._project.trace is not None:
            self._project.trace.read.add(path)
        try:
            raw = bytes_of(path)
        except OSError:
            return True
        return may_matter(raw) or any(
            self._reaches(each, read) for each in sorted(self._project.imports_of(path, raw))
        )

    def mentions(self, path: str, words: Sequence[str]) -> bool:
        """Does the file, or one that it imports (and so on), hold one of the words? (True as well if it cannot be read.)"""
        wanted = [word.encode() for word in words]
        pending, read = [path], set[str]()
        while pending:
            each = pending.pop()
            if each in read:
                continue
            read.add(each)
            if self._project.trace is not None:
                self._project.trace.read.add(each)
            if not self._project.followed(each):
                return True
            try:
                with open(each, "rb") as stream:
                    raw = stream.read()
            except OSError:
                return True
            if any(word in raw for word in wanted):
                return True
            pending += self._project.imports_of(each, raw)
        return False
