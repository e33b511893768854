"""Files of the cache: written whole or not at all, by any number of runs at once; anyone may delete them at any time.

The directory may be named by a configuration that comes with a repository of strangers, and may hold links that they made:
a directory that holds something else is not used, no link is followed, and only files of our own naming are deleted.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from typing import Any

from peftlint.files import bytes_of

#: size of all entries (bytes) beyond which the oldest are deleted, and how much is left then
LARGEST = 64_000_000
LEFT = 48_000_000
_FOLDER = re.compile(r"[0-9a-f]{2}|fi")
_ENTRY = re.compile(r"(?:files-)?[0-9a-f]{32}\.json(?:\.\d+\.\d+\.tmp)?")
#: seconds after which a file that a killed run left half written is deleted
ABANDONED = 3600

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of peftlint; see https://bford.info/cachedir/\n"
)
_OWN = {".gitignore", "CACHEDIR.TAG"}


class Store:
    """A directory of JSON files by name. No operation raises: what cannot be read is not there."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._written = False
        self._ours = False

    def read(self, name: str) -> Any:
        """The data under this name; None if there is none, or none that can be read."""
        try:
            return json.loads(bytes_of(self._path(name)))
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, name: str, data: Any) -> None:
        """Keeps the data under this name, in place of what was there."""
        path = self._path(name)
        unfinished = f"{path}.{os.getpid()}.{time.monotonic_ns()}.tmp"
        try:
            if not self._written:
                self._prepare()
            if not self._ours:
                return
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if os.path.islink(os.path.dirname(path)):
                return
            with open(unfinished, "x", encoding="utf-8") as stream:
                json.dump(data, stream, separators=(",", ":"))
            os.replace(unfinished, path)
        except (OSError, ValueError):
            try:
                os.unlink(unfinished)
            except OSError:
                pass

    def _path(self, name: str) -> str:
        return os.path.join(self.directory, name[:2], name + ".json")

    def _prepare(self) -> None:
        """Makes the directory, which no version control and no backup wants; looks whether it is ours to use."""
        self._written = True
        os.makedirs(self.directory, exist_ok=True)
        tag = os.path.join(self.directory, "CACHEDIR.TAG")
        try:
            # a run may have been killed while it wrote it
            self._ours = not os.path.islink(self.directory) and _TAG.encode().startswith(bytes_of(tag))
        except FileNotFoundError:
            # two runs may make it at once
            self._ours = not os.path.islink(self.directory) and not {*os.listdir(self.directory)} - _OWN
        if not self._ours:
            return
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            with (
                suppress(FileExistsError),
                open(os.path.join(self.directory, name), "x", encoding="utf-8") as stream,
            ):
                stream.write(text)

    def prune(self) -> None:
        """Deletes the oldest entries if there are too many, and what killed runs left half written."""
        found: list[tuple[float, int, str]] = []
        now = time.time()
        for folder, folders, names in os.walk(self.directory if self._ours else ""):
            folders[:] = [each for each in folders if _FOLDER.fullmatch(each)]
            for name in filter(_ENTRY.fullmatch, names):
                path = os.path.join(folder, name)
                try:
                    status = os.stat(path)
                    if name.endswith(".tmp") and now - status.st_mtime > ABANDONED:
                        os.unlink(path)
                    elif name.endswith(".json"):
                        found.append((status.st_mtime, status.st_size, path))
                except OSError:
                    continue
        size = sum(each[1] for each in found)
        if size <= LARGEST:
            return
        for _, length, path in sorted(found):
            if size <= LEFT:
                return
            try:
                os.unlink(path)
            except OSError:
                pass
            size -= length
