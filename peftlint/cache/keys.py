"""What a report depends on besides the bytes of its file, as short texts that can be compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from peftlint import __version__
from peftlint.dependency_files import PATTERNS, copies, matching
from peftlint.files import bytes_of
from peftlint.settings import Settings


def digest(*parts: bytes | str) -> str:
    """32 hexadecimal digits that stand for the parts."""
    hashed = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hashed.update(b"%d:" % len(raw))
        hashed.update(raw)
    return hashed.hexdigest()


@lru_cache(maxsize=1)
def tool() -> str:
    """This peftlint, to the state of its files (it may be a checkout that is being worked on), and what it runs on."""
    parts = [__version__, sys.version, _state(_folder_of("libcst"))]
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder, _, names in sorted(os.walk(package)):
        parts += [_state(os.path.join(folder, name)) for name in sorted(names) if not name.endswith(".pyc")]
    return digest(*parts)


def _folder_of(package: str) -> str:
    """Where an installed package lies, without importing it."""
    for folder in sys.path:
        found = os.path.join(folder, package, "_version.py")
        if os.path.exists(found):
            return found
    return ""


def _state(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"


def plugins() -> str:
    """The rules of other packages, to the state of their modules."""
    from peftlint.rules.registry import plugin_rules

    parts = []
    for info in plugin_rules().values():
        module = sys.modules.get(info.origin.partition(":")[0])
        folder = os.path.dirname(getattr(module, "__file__", None) or "")
        states = [_state(str(path)) for path in sorted(Path(folder).rglob("*.py"))] if folder else []
        parts.append(digest(info.code, info.origin, *states))
    return digest(*parts)


def settings_key(settings: Settings) -> str:
    """The settings that findings depend on."""
    values = [repr(getattr(settings, each.name)) for each in fields(settings) if each.name != "cache_dir"]
    return digest(*values)


class Dependencies:
    """The dependency files that count in a directory, by content."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}
        #: paths of the files that were read
        self.files: set[str] = set()

    def key(self, folder: str) -> str:
        """What the files of the directory and those above it say."""
        if folder not in self._whole:
            parent = os.path.dirname(folder)
            above = self.key(parent) if parent != folder else ""
            self._whole[folder] = digest(self._own(folder), above)
        return self._whole[folder]

    def _own(self, folder: str) -> str:
        parts: list[str] = []
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            names = []
        if ".git" in names:
            parts.append(".git")
        files = dict.fromkeys(name for pattern in PATTERNS for name in matching(folder, pattern, names))
        files.update(dict.fromkeys(copies(folder, names)))
        paths = [os.path.join(folder, name) for name in files]
        self.files.update(paths)
        return digest(*parts, *(f"{path} {content(path)}" for path in paths))


def content(path: str) -> str:
    """The digest of a file's bytes; "" if it cannot be read."""
    try:
        return digest(bytes_of(path))
    except OSError:
        return ""


class Resolution:
    """Where imports lead among the files of a run, as far as some names are concerned."""

    def __init__(self, paths: Iterable[str]) -> None:
        from peftlint.semantics.project import Project

        self._project = Project([Path(path) for path in paths])
        self._by_word: dict[str, list[str]] = {}
        for path in sorted(map(os.path.abspath, map(str, self._project.paths))):
            if path.endswith(".py"):
                folder, name = os.path.split(path)
                word = os.path.basename(folder) if name == "__init__.py" else name[:-3]
                self._by_word.setdefault(word, []).append(path)

    def key(self, words: Iterable[str], folders: Iterable[str]) -> str:
        """Differs if a file comes or goes that an import of one of these names, from these folders, could mean."""
        parts = [f"{word} {self._by_word.get(word, ())}" for word in words]
        return digest(*parts, *(f"{folder} {self._project.roots(folder)}" for folder in folders))

    def beside(self, path: str) -> list[str]:
        """See `Neighbours.beside`."""
        return self._project.neighbours.beside(path)

    def shares(self, path: str, other: str, text: str) -> bool:
        """See `Neighbours.shares`."""
        return self._project.neighbours.shares(path, other, text)

    def importers(self, word: str) -> str:
        """Differs if a file that may import the module of this name comes, goes or changes."""
        return self._project.naming_key(word)


def same(known: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Do all these files have the content that they had?"""
    return all(now.get(path) == value for path, value in known.items())
