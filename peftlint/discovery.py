"""Which files to check: walks directories, leaving out what .gitignore and the settings exclude.

Explicit files are always checked, unless `force_exclude`. Directories are not entered through symbolic links,
and a linked file is checked only if it lies inside the directory that was asked for, under no other name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from peftlint.diagnostics import FileError
from peftlint.files import LARGEST, bytes_of
from peftlint.settings import Resolver, Settings
from peftlint.settings.load import FILE_NAMES

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

PYTHON_SUFFIXES = (".py", ".pyw")
NOTEBOOK_SUFFIXES = (".ipynb",)
MARKDOWN_SUFFIXES = (".md", ".markdown", ".rst")


@dataclass(frozen=True)
class FoundFile:
    """A file to check: its absolute path, whether it was named itself, its project's settings.

    `top` is the directory that was asked for, or that of the file if it was named itself.
    """

    path: str
    explicit: bool
    settings: Settings = field(compare=False, repr=False)
    top: str


@dataclass
class Discovery:
    """Files in order of path, and what could not be looked at."""

    files: list[FoundFile] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)


@lru_cache(maxsize=256)
def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec:
    # Imported here: it takes longer than all else that a run over one file imports.
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


@dataclass(frozen=True)
class _Ignore:
    """The lines of one ignore file, which hold below `directory`."""

    directory: str
    spec: GitIgnoreSpec

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """True: ignored; False: taken back by a `!` line; None: not mentioned."""
        relative = os.path.relpath(path, self.directory).replace(os.sep, "/")
        return self.spec.check_file(relative + "/" if is_directory else relative).include


def _read_ignore(file: str, directory: str) -> _Ignore | None:
    try:
        lines = tuple(bytes_of(file, LARGEST).decode("utf-8", "replace").splitlines())
    except OSError:
        return None
    try:
        return _Ignore(directory, _spec(lines))
    except ValueError:  # a pattern that git would not take either
        return None


def _ignored(path: str, is_directory: bool, ignores: Sequence[_Ignore]) -> bool:
    """The verdict of the nearest ignore file that mentions the path, as git has it."""
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path, is_directory)
        if verdict is not None:
            return verdict
    return False


def _ignores_above(directory: str) -> list[_Ignore]:
    """Ignore files from the root of the git repository down to the parent of `directory`, the nearest last.

    Those that ignore `directory` itself do not count: it was asked for by name.
    """
    found: list[_Ignore] = []
    folder = directory
    while True:
        is_root = os.path.exists(os.path.join(folder, ".git"))
        if folder != directory and (ignore := _read_ignore(os.path.join(folder, ".gitignore"), folder)):
            found.append(ignore)
        if is_root:
            if ignore := _read_ignore(os.path.join(folder, ".git", "info", "exclude"), folder):
                found.append(ignore)
            break
        parent = os.path.dirname(folder)
        if parent == folder:
            # Outside a repository nothing above the asked directory has a say.
            return []
        folder = parent
    return [ignore for ignore in reversed(found) if not ignore.verdict(directory, True)]


@lru_cache(maxsize=256)
def _split(lines: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Exclusions that are plain names, and those that need a matcher. A `!` line makes the order count."""
    if any(line.startswith("!") for line in lines):
        return frozenset(), lines
    globs = tuple(line for line in lines if any(character in line for character in "*?[/\\# "))
    return frozenset(lines) - frozenset(globs), globs


def _excluded(path: str, is_directory: bool, settings: Settings) -> bool:
    """Whether the exclude globs, relative to the settings' root, name this very path."""
    names, globs = _split(settings.exclude + settings.extend_exclude)
    if os.path.basename(path) in names:
        return True
    return bool(globs) and _Ignore(str(settings.root), _spec(globs)).verdict(path, is_directory) is True


def excluded_with_parents(path: str, settings: Settings) -> bool:
    """Whether the path or a directory above it, up to the settings' root, is excluded (`--force-exclude`)."""
    root = str(settings.root)
    if _excluded(path, False, settings):
        return True
    folder = os.path.dirname(path)
    while folder != root and folder.startswith(root):
        if _excluded(folder, True, settings):
            return True
        folder = os.path.dirname(folder)
    return False


def _wanted(name: str, settings: Settings) -> bool:
    lowered = name.lower()
    return (
        lowered.endswith(PYTHON_SUFFIXES)
        or (settings.notebooks and lowered.endswith(NOTEBOOK_SUFFIXES))
        or (settings.markdown and lowered.endswith(MARKDOWN_SUFFIXES))
    )


class _Walk:
    def __init__(self, top: str, resolver: Resolver, discovery: Discovery) -> None:
        self.top, self.resolver, self.discovery = top, resolver, discovery

    def run(self, settings: Settings, ignores: list[_Ignore]) -> None:
        # A stack and no recursion: a tree may be deeper than Python's own stack.
        pending = [(self.top, settings, ignores)]
        while pending:
            pending.extend(self.directory(*pending.pop()))

    def directory(
        self, folder: str, settings: Settings, ignores: list[_Ignore]
    ) -> Iterator[tuple[str, Settings, list[_Ignore]]]:
        """Notes the files of one directory; gives the directories in it that are to be walked.

        `settings` are those of the directory above.
        """
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            self.discovery.errors.append(FileError(folder, f"directory cannot be read: {error.strerror}"))
            return
        names = {entry.name for entry in entries}
        if not names.isdisjoint(FILE_NAMES):
            settings = self.resolver.for_directory(Path(folder))
        if settings.respect_gitignore and ".gitignore" in names:
            ignore = _read_ignore(os.path.join(folder, ".gitignore"), folder)
            ignores = [*ignores, ignore] if ignore else ignores
        for entry in entries:
            try:
                is_directory = entry.is_dir(follow_symlinks=False)
            except OSError:
                is_directory = False
            if not is_directory and not _wanted(entry.name, settings):
                continue
            path = entry.path
            if _excluded(path, is_directory, settings):
                continue
            if ignores and _ignored(path, is_directory, ignores):
                continue
            if is_directory:
                yield path, settings, ignores
            elif entry.is_symlink():
                self.link(path, settings)
            elif entry.is_file():  # no FIFO, socket or device
                self.discovery.files.append(FoundFile(path, False, settings, self.top))

    def link(self, path: str, settings: Settings) -> None:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            reason = "broken symbolic link" if isinstance(error, FileNotFoundError) else error.strerror
            self.discovery.errors.append(FileError(path, f"{reason} (to {os.readlink(path)})"))
            return
        target = os.path.realpath(path)
        inside = os.path.commonpath((target, os.path.realpath(self.top))) == os.path.realpath(self.top)
        if stat.S_ISREG(mode) and inside and not _wanted(os.path.basename(target), settings):
            self.discovery.files.append(FoundFile(path, False, settings, self.top))


def _explicit_error(path: str, error: OSError) -> FileError:
    if os.path.islink(path) and isinstance(error, FileNotFoundError):
        return FileError(path, f"broken symbolic link (to {os.readlink(path)})")
    return FileError(
        path, "no such file or directory" if isinstance(error, FileNotFoundError) else str(error.strerror)
    )


def discover(paths: Iterable[str | os.PathLike[str]], resolver: Resolver) -> Discovery:
    """Files below `paths`, each once, with absolute paths.

    Raises `ConfigurationError` if a configuration file on the way is wrong.
    """
    discovery = Discovery()
    for given in paths:
        path = os.path.abspath(given)
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            discovery.errors.append(_explicit_error(path, error))
            continue
        if stat.S_ISDIR(mode):
            settings = resolver.for_directory(Path(path))
            above = _ignores_above(path) if settings.respect_gitignore else []
            if not (settings.force_exclude and excluded_with_parents(path, settings)):
                _Walk(path, resolver, discovery).run(settings, above)
        elif stat.S_ISREG(mode):
            settings = resolver.for_directory(Path(path).parent)
            if not (settings.force_exclude and excluded_with_parents(path, settings)):
                discovery.files.append(FoundFile(path, True, settings, os.path.dirname(path)))
        else:
            discovery.errors.append(FileError(path, "not a regular file"))
    discovery.files = list(_once(discovery.files))
    discovery.errors.sort(key=lambda error: error.path)
    return discovery


def _once(files: Iterable[FoundFile]) -> Iterator[FoundFile]:
    """Each file once, in order of path; an explicit mention wins."""
    by_path: dict[str, FoundFile] = {}
    for file in files:
        if file.path not in by_path or file.explicit:
            by_path[file.path] = file
    return (by_path[path] for path in sorted(by_path))


def display_path(path: str, working_directory: str) -> str:
    """The path as shown: relative to the working directory where it lies below it, else absolute; "/"
    between parts.
    """
    prefix = working_directory.rstrip(os.sep) + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else path.replace(os.sep, "/")


def matching_selectors(path: str, settings: Settings) -> Iterator[str]:
    """The selectors that `per-file-ignores` leaves out for this file."""
    for glob, selectors in settings.per_file_ignores.items():
        negated = glob.startswith("!")
        ignore = _Ignore(str(settings.root), _spec((glob.removeprefix("!"),)))
        absolute = path if os.path.isabs(path) else os.path.abspath(path)
        if (ignore.verdict(absolute, False) is True) != negated:
            yield from selectors
