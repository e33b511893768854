"""Files of the cache: written whole or not at all, by any number of runs at once; anyone may delete them at any time."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

#: size of all entries (bytes) beyond which the oldest are deleted, and how much is left then
LARGEST = 64_000_000
LEFT = 48_000_000
#: seconds after which a file that a killed run left half written is deleted
ABANDONED = 3600

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of peftlint; see https://bford.info/cachedir/\n"
)


class Store:
    """A directory of JSON files by name. No operation raises: what cannot be read is not there."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._written = False

    def read(self, name: str) -> Any:
        """The data under this name; None if there is none, or none that can be read."""
        try:
            with open(self._path(name), "rb") as stream:
                return json.loads(stream.read())
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, name: str, data: Any) -> None:
        """Keeps the data under this name, in place of what was there."""
        path = self._path(name)
        unfinished = f"{path}.{os.getpid()}.{time.monotonic_ns()}.tmp"
        try:
            if not self._written:
                self._prepare()
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(unfinished, "w", encoding="utf-8") as stream:
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
        """Makes the directory, which no version control and no backup wants."""
        self._written = True
        os.makedirs(self.directory, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            path = os.path.join(self.directory, name)
            if not os.path.exists(path):
                Path(path).write_text(text, encoding="utf-8")

    def prune(self) -> None:
        """Deletes the oldest entries if there are too many, and what killed runs left half written."""
        found: list[tuple[float, int, str]] = []
        now = time.time()
        for folder, _, names in os.walk(self.directory):
            for name in names:
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
