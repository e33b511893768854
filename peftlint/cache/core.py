"""The cache of a run: which reports of earlier runs still hold, and what this run adds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peftlint.cache import keys
from peftlint.cache.encoding import decoded, encoded
from peftlint.cache.store import Store

if TYPE_CHECKING:
    from peftlint.linter import Job
    from peftlint.result import FileReport
    from peftlint.semantics.project import Trace

#: A file changed so shortly (seconds) before it was read may change again with no other time stamp.
_RACY = 2.0
_INDEX = "files-"
_MOST_FILES = 100_000


@dataclass(frozen=True)
class Stamp:
    """What a file was when it was last read: its content, and whether the gate lets it through."""

    digest: str
    passes: bool


class Cache:
    """Used by one run. Nothing here raises for what is on disk: an entry that is broken is none."""

    def __init__(self, directory: str, ignore_suppressions: bool = False) -> None:
        _forget()
        self._store = Store(directory)
        self._started = time.time()
        self._common = keys.digest(keys.tool(), keys.plugins(), os.getcwd(), str(ignore_suppressions))
        self._index_name = _INDEX + keys.digest(os.getcwd(), keys.tool())
        index = self._store.read(self._index_name)
        self._index: dict[str, Any] = index if isinstance(index, dict) else {}
        self._stamps: dict[str, Any] = {}
        self._changed = False
        self._wrote = False
        self._digests: dict[str, str] = {}
        self._settings: dict[int, str] = {}
        self._dependencies = keys.Dependencies()
        self._resolution: keys.Resolution | None = None
        self._paths: Sequence[str] = ()

    # -- what files are, told by their status where that is safe

    def known(self, path: str, status: os.stat_result) -> Stamp | None:
        """The stamp of a file that has not been touched since it was read; None: it must be read."""
        found = self._index.get(path)
        try:
            if found is None or found[0] != _signature(status):
                return None
            stamp = Stamp(str(found[1]), bool(found[2]))
        except (TypeError, IndexError):
            return None
        self._stamps[path] = found
        self._digests[path] = stamp.digest
        return stamp

    def read(self, path: str, status: os.stat_result, raw: bytes, passes: bool) -> Stamp:
        """Notes a file that was read now; `status` is from before it was read."""
        stamp = Stamp(keys.digest(raw), passes)
        self._digests[path] = stamp.digest
        self._changed = True
        if max(status.st_mtime, status.st_ctime) < self._started - _RACY:
            self._stamps[path] = [_signature(status), stamp.digest, passes]
        return stamp

    # -- reports

    def begin(self, paths: Sequence[str]) -> None:
        """`paths` are all files of the run, which may import each other."""
        from peftlint.linter import CLOSURE_LIMIT

        self._paths = paths
        self._common = keys.digest(self._common, str(len(paths) > CLOSURE_LIMIT))

    def report(self, job: Job) -> FileReport | None:
        """The report of an earlier run on this file, if nothing that it depends on has changed."""
        data = self._store.read(self._name(job))
        dependencies = self._dependency_key(job)  # in any case: as it is before the file is checked
        try:
            if data is None or data["dependencies"] != dependencies:
                return None
            if not keys.same(data["read"], self._digests):
                return None
            if data["resolution"] != self._resolution_key(data["words"], data["folders"]):
                return None
            if not all(self._same_sharing(path, text, told) for path, text, told in data["shared"]):
                return None
            if any(keys.content(path) != value for path, value in data["opened"].items()):
                return None
            if data["imported"] and data["importers"] != self._importers_key(data["imported"]):
                return None
            return decoded(data["report"])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None

    def keep(self, job: Job, report: FileReport, trace: Trace) -> None:
        """Keeps the report that a run made, with what it made use of."""
        # such as those that a requirements file names with -r; the others were read before the run
        opened = trace.opened - self._dependencies.files
        if trace.digest != self._digests.get(job.path) or any(map(self._recent, opened)):
            return  # changed while it was being checked
        read = {os.path.abspath(path) for path in trace.read}
        beside = {os.path.abspath(path) for told in trace.shared.values() for path in told}
        if not read | beside <= self._digests.keys():
            return
        words, folders = sorted(trace.words), sorted(trace.folders)
        self._wrote = True
        self._store.write(
            self._name(job),
            {
                "dependencies": self._dependency_key(job),
                "read": {path: self._digests[path] for path in sorted(read)},
                "words": words,
                "folders": folders,
                "resolution": self._resolution_key(words, folders),
                "shared": [
                    [
                        path,
                        text,
                        {each: [self._digests[os.path.abspath(each)], does] for each, does in told.items()},
                    ]
                    for (path, text), told in sorted(trace.shared.items())
                ],
                "imported": trace.imported,
                "importers": self._importers_key(trace.imported) if trace.imported else "",
                "opened": {path: keys.content(path) for path in sorted(opened)},
                "report": encoded(report),
            },
        )

    def end(self) -> None:
        """Writes down what was learnt of the files; deletes old entries if there are too many."""
        if self._changed:
            others = self._index if len(self._index) <= _MOST_FILES else {}
            self._store.write(self._index_name, {**others, **self._stamps})
        if self._wrote:
            self._store.prune()

    def _recent(self, path: str) -> bool:
        try:
            status = os.stat(path)
        except OSError:
            return False
        return max(status.st_mtime, status.st_ctime) >= self._started - _RACY

    def _name(self, job: Job) -> str:
        settings = self._settings.get(id(job.settings))
        if settings is None:
            settings = self._settings[id(job.settings)] = keys.settings_key(job.settings)
        return keys.digest(self._common, settings, job.path, job.display, self._digests[job.path])

    def _dependency_key(self, job: Job) -> str:
        return self._dependencies.key(os.path.dirname(job.path))

    def _same_sharing(self, path: str, text: str, told: dict[str, tuple[str, bool]]) -> bool:
        """Have only such files beside this one come, gone or changed as have nothing to do with the text?"""
        if self._resolution is None:
            self._resolution = keys.Resolution(self._paths)
        now = self._resolution.beside(path)
        if bool(now) != bool(told) or any(does for other, (_, does) in told.items() if other not in now):
            return False
        for other in now:
            digest, does = told.get(other, ("", False))
            if self._digests.get(os.path.abspath(other)) != digest and (
                does or self._resolution.shares(path, other, text)
            ):
                return False
        return True

    def _importers_key(self, word: str) -> str:
        if self._resolution is None:
            self._resolution = keys.Resolution(self._paths)
        return self._resolution.importers(word)

    def _resolution_key(self, words: Sequence[str], folders: Sequence[str]) -> str:
        if self._resolution is None:
            self._resolution = keys.Resolution(self._paths)
        return self._resolution.key(words, folders)


def _forget() -> None:
    """What this process read in an earlier run may have changed since: nothing of it may be kept as if it were new."""
    detection = sys.modules.get("peftlint.targets.detection")
    if detection is not None:
        detection.forget()
        sys.modules["peftlint.targets.reading"].OPENED.clear()
    checker = sys.modules.get("peftlint.checker")
    if checker is not None:
        checker._other_source.cache_clear()


def _signature(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
