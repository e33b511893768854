"""The files beside a file, and which of them have to do with the same folder of adapters."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peftlint.semantics.project import Project

#: in a folder, or package, of more files than this nobody looks for who shares a folder with adapters
MOST_BESIDE = 60
#: a text that stands in more files than this is not taken for the name of one folder
MOST_SHARING = 8


class Neighbours:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._holding = lru_cache(maxsize=64)(self._find_holding)

    def sharing(self, path: str, text: str) -> list[str]:
        """The files in the folder of the one at `path`, or in its package, that hold the text or import one that does.

        In order; none where many files lie there, or many hold the text: it is then no name of one project's own.
        """
        told = {each: self.shares(path, each, text) for each in self.beside(path)}
        if self._project.trace is not None:
            self._project.trace.shared[path, text] = told
        holding = self._holding(path, text)
        return sorted(each for each, does in told.items() if does) if len(holding) <= MOST_SHARING else []

    def beside(self, path: str) -> list[str]:
        """The other files of the run in the file's folder, or its package; none if there are many."""
        package = self._project.package_of(path)
        folder = os.path.dirname(os.path.abspath(path))
        for _ in range(package.count(".")):
            folder = os.path.dirname(folder)
        folders = [folder]
        if package:
            folders = [each for each in self._folders if each == folder or each.startswith(folder + os.sep)]
        if sum(len(self._folders.get(each, ())) for each in folders) > MOST_BESIDE + 1:
            return []
        return [other for each in folders for other in self._folders.get(each, ()) if other != path]

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The files of the run by their folders."""
        found: dict[str, list[str]] = {}
        for whole, path in self._project.known.items():
            found.setdefault(os.path.dirname(whole), []).append(path)
        return found

    def shares(self, path: str, other: str, text: str) -> bool:
        """Does the other file hold the text, or import one that does?"""
        holding = self._holding(path, text)
        return other in holding or not holding.isdisjoint(
            self._project.imports_of(other, self._project.contents(other))
        )

    def _find_holding(self, path: str, text: str) -> frozenset[str]:
        wanted = text.encode(errors="replace")
        return frozenset(each for each in self.beside(path) if wanted in self._project.contents(each))
