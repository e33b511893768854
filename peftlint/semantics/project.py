"""The files of one run, seen as Python modules that import each other."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from peftlint.files import bytes_of
from peftlint.semantics.kept import KeptModules

if TYPE_CHECKING:
    from peftlint.semantics.neighbours import Neighbours
    from peftlint.semantics.reaching import Reaching
    from peftlint.semantics.syntax import Syntax
    from peftlint.semantics.worth import Worth
    from peftlint.sources.base import Source

#: a module larger than this is not read for the sake of another file (bytes)
LARGEST_MODULE = 200_000


#: `@register("lora")`, `@TUNERS.register()`, `register_tuner("lora", make)`, `TUNERS["lora"] = make`, each at the left margin
_REGISTERS = re.compile(
    rb"""^(?:@[A-Za-z_][\w.]*\(["']|@[\w.]*(?i:regist)|[\w.]*(?i:regist)\w*\(|[A-Za-z_]\w*\[["'][\w-]+["']\] *=)""",
    re.MULTILINE,
)
_IMPORT = re.compile(
    rb"(?:^|(?<=\r))[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+([^\r\n#]+)|import[ \t]+([\w.]+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Found:
    """The file that a name is imported from, and the name in it ("" for the module itself)."""

    path: str
    member: str


@dataclass
class Trace:
    """What the check of one file made use of: everything that its findings depend on besides its own bytes.

    `read`: files of the run that were parsed for it; `words`: names that were looked up as modules; `folders`: those
    of the files that looked them up; `opened`: dependency files; `digest`: that of the bytes that were checked;
    `imported`: the module's own name, if it was asked who imports it; `shared`: for a file and a text, of each
    file beside it whether it has to do with the text (see `Neighbours.sharing`).
    """

    read: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    digest: str = ""
    imported: str = ""
    shared: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)


class Project:
    """`paths` are all Python files of the run (read only when something imports them).

    With `followed`, only these of them (absolute) are ever read; what others define is not known.
    """

    def __init__(self, paths: Sequence[Path], followed: frozenset[str] | None = None) -> None:
        self.paths = tuple(paths)
        self._followed = followed
        self.known = {os.path.abspath(path): str(path) for path in self.paths if str(path).endswith(".py")}
        folders = {os.path.dirname(path) for path in self.known}
        self._top = os.path.commonpath(folders) if folders else ""
        #: notes what is made use of, if somebody wants to know
        self.trace: Trace | None = None
        self._bytes: dict[str, bytes] | None = None
        self._packages: dict[str, str] = {}
        self._parsed = KeptModules(self._parse)
        self._found = lru_cache(maxsize=16384)(self._find)
        self._roots_of = lru_cache(maxsize=1024)(self.roots)

    def syntax(self, path: str) -> Syntax | None:
        """The parsed module; None if it cannot be read or parsed (its own check says why)."""
        if self.trace is not None:
            self.trace.read.add(path)
        if not self.followed(path):
            return None
        return self._parsed(path)

    def syntax_of(self, source: Source) -> Syntax | None:
        """The parsed module of a file of the run, if it holds just this text: it is parsed once for itself and others."""
        path = self.known.get(os.path.abspath(source.path))
        if path is None or path != source.path:
            return None
        if not self.followed(path):
            return None
        syntax = self._parsed(path)
        return syntax if syntax is not None and syntax.code == source.code else None

    def find(self, importer: str, module: str, level: int, name: str) -> Found | None:
        """Where `from module import name` (name "" for `import module`) in the importing file leads; None: not here."""
        if self.trace is not None:
            folder = os.path.dirname(os.path.abspath(importer))
            self.trace.folders.add(folder)
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            self.trace.words |= {os.path.basename(folder), *module.split("."), name}
        return self._found(importer, module, level, name)

    def followed(self, path: str) -> bool:
        """May the file be read for the sake of another?"""
        return self._followed is None or os.path.abspath(path) in self._followed

    def importers(self, path: str) -> list[str]:
        """The files of the run that import the one at `path`, in order (those that may be followed, see `followed`)."""
        name = os.path.basename(path)
        word = (
            os.path.basename(os.path.dirname(os.path.abspath(path))) if name == "__init__.py" else name[:-3]
        )
        if self.trace is not None:
            self.trace.imported = word
        return [
            other
            for other, raw in self._naming(word)
            if other != path and path in self.imports_of(other, raw)
        ]

    def contents(self, path: str) -> bytes:
        """The bytes of a file of the run; none if it may not be followed or cannot be read."""
        if not self.followed(path):
            return b""
        try:
            return bytes_of(path)
        except OSError:  # its own check says so
            return b""

    def naming_key(self, word: str) -> str:
        """Differs if a file that may import the module of this name comes, goes or changes."""
        from peftlint.cache.keys import digest

        return digest(word, *(part for path, raw in self._naming(word) for part in (path, raw)))

    def _naming(self, word: str) -> list[tuple[str, bytes]]:
        """The files that hold the word, with their bytes."""
        if self._bytes is None:
            self._bytes = {}
            for whole, path in sorted(self.known.items()):
                if self._followed is None or whole in self._followed:
                    try:
                        self._bytes[path] = bytes_of(whole)
                    except OSError:  # its own check says so
                        continue
        wanted = word.encode(errors="replace")  # a name that is no UTF-8 cannot be imported
        return [(path, raw) for path, raw in self._bytes.items() if wanted in raw and b"import" in raw]

    def conftests(self, path: str) -> list[str]:
        """The conftest.py files whose fixtures the tests in the file may use, the nearest first."""
        found: list[str] = []
        folder = os.path.dirname(os.path.abspath(path))
        if self.trace is not None:
            self.trace.words.add("conftest")
        while True:
            candidate = self.known.get(os.path.join(folder, "conftest.py"))
            if candidate is not None and candidate != path:
                found.append(candidate)
            parent = os.path.dirname(folder)
            if parent == folder or not folder.startswith(self._top):
                return found
            folder = parent

    def vendors(self, package: str) -> bool:
        """Does the run hold a copy of the library itself? What the released one offers says nothing then."""
        if self.trace is not None:
            self.trace.words.add(package)
        ending = os.path.join(os.sep, package, "__init__.py")
        return any(path.endswith(ending) for path in self.known)

    def package_of(self, path: str) -> str:
        """The dotted name of the package that the file lies in ("" in none)."""
        folder = os.path.dirname(os.path.abspath(path))
        if folder not in self._packages:
            parts: list[str] = []
            around = folder
            while os.path.join(around, "__init__.py") in self.known:
                parts.append(os.path.basename(around))
                around = os.path.dirname(around)
            self._packages[folder] = ".".join(reversed(parts))
        return self._packages[folder]

    @cached_property
    def reaching(self) -> Reaching:
        """Which files lead to PEFT."""
        from peftlint.semantics.reaching import Reaching

        return Reaching(self)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Which files beside a file have to do with the same folder."""
        from peftlint.semantics.neighbours import Neighbours

        return Neighbours(self)

    @cached_property
    def worth(self) -> Worth:
        """Which names of the modules have to do with PEFT."""
        from peftlint.semantics.worth import Worth

        return Worth(self)

    def traced(self, ask: Callable[[], bool]) -> tuple[bool, Trace]:
        """An answer that is kept for other files, with what it was made of."""
        outer, self.trace = self.trace, Trace()
        try:
            return ask(), self.trace
        finally:
            self.trace = outer

    def note(self, other: Trace) -> None:
        """The file that is checked now makes use of an answer that was made of this."""
        if self.trace is not None:
            self.trace.read |= other.read
            self.trace.words |= other.words
            self.trace.folders |= other.folders

    def registers(self, path: str) -> bool:
        """Does the module, which has to do with PEFT, enter what it defines in a table when it is imported?"""
        from peftlint.gate import may_matter

        if self.trace is not None:
            self.trace.read.add(path)
        raw = self.contents(path)
        return _REGISTERS.search(raw) is not None and may_matter(raw)

    def imports_of(self, path: str, raw: bytes) -> set[str]:
        """Paths of the files of the run that a file's import statements lead to (as far as its bytes tell)."""
        found: set[str] = set()
        for match in _IMPORT.finditer(raw):
            module = (match[1] or match[3]).decode("ascii", "replace")
            level = len(module) - len(module.lstrip("."))
            names = (
                [b""]
                if match[3]
                else [name.strip().partition(b" ")[0] for name in match[2].strip(b"( \\").split(b",")]
            )
            for name in names:
                target = self.find(path, module.lstrip("."), level, name.decode("ascii", "replace"))
                if target is not None:
                    found.add(target.path)
                    inner = self.submodule(target.path, target.member) if target.member else None
                    found |= {inner.path} if inner is not None else set()
        return found

    def _find(self, importer: str, module: str, level: int, name: str) -> Found | None:
        folder = os.path.dirname(os.path.abspath(importer))
        parts = module.split(".") if module else []
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._below(folder, parts, name)
        for root in self._roots_of(folder):
            found = self._below(root, parts, name)
            if found is not None:
                return found
        return None

    def roots(self, folder: str) -> list[str]:
        """Folders that may be on the path of modules: the importing file's and those above it, and their src folders."""
        roots: list[str] = []
        while True:
            roots += [folder, os.path.join(folder, "src")]
            parent = os.path.dirname(folder)
            # a package that was given alone is still imported by its own name
            inside = folder != self._top and folder.startswith(self._top)
            if parent == folder or not (inside or os.path.join(folder, "__init__.py") in self.known):
                return roots
            folder = parent

    def _below(self, root: str, parts: list[str], name: str) -> Found | None:
        base = os.path.join(root, *parts)
        for candidate in (f"{base}.py" if parts else "", os.path.join(base, "__init__.py")):
            if candidate in self.known:
                # a name that the package binds comes before a module of that name in it: see `submodule`
                return Found(self.known[candidate], name)
        return self._module(base, name) if name else None

    def _module(self, base: str, name: str) -> Found | None:
        for candidate in (os.path.join(base, f"{name}.py"), os.path.join(base, name, "__init__.py")):
            if candidate in self.known:
                return Found(self.known[candidate], "")
        return None

    def submodule(self, path: str, name: str) -> Found | None:
        """The module `name` in the package whose `__init__.py` is at `path`."""
        if self.trace is not None:
            self.trace.words.add(name)
        if os.path.basename(path) != "__init__.py":
            return None
        return self._module(os.path.dirname(os.path.abspath(path)), name)

    def source(self, path: str) -> Source | None:
        """The program in a file of the run; None if it cannot be read."""
        if self.trace is not None:
            self.trace.read.add(path)
        return self._read(path)

    def _read(self, path: str) -> Source | None:
        from peftlint.sources import read
        from peftlint.sources.base import SourceError

        try:
            return read(path).sources[0] if os.path.getsize(path) <= LARGEST_MODULE else None
        except (SourceError, OSError, IndexError):
            return None

    def _parse(self, path: str) -> Syntax | None:
        from peftlint.semantics.syntax import Syntax
        from peftlint.sources.base import SourceError

        source = self._read(path)
        try:
            return Syntax(source) if source is not None else None
        except SourceError:
            return None
