"""The baseline: findings that were there when the linter was adopted, and are passed over.

An entry is known by its file, rule, enclosing function and source line (blanks left out), never by a line
number: code that moves keeps its entry. An entry whose function was renamed, or whose file was moved, still
matches if nothing else has changed. Each entry covers one finding.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peftlint import __version__
from peftlint.diagnostics import Diagnostic
from peftlint.files import bytes_of
from peftlint.fingerprints import line_hash, source_line
from peftlint.result import Result
from peftlint.settings.model import ConfigurationError

VERSION = 1
DEFAULT_NAME = "peftlint-baseline.json"


@dataclass(frozen=True, order=True)
class Entry:
    """One known finding. `path` is relative to the baseline file; `text` is for readers only."""

    path: str
    code: str
    context: str
    line_hash: str
    text: str = ""

    def describe(self) -> str:
        """For people: what is no longer there."""
        inside = f" in {self.context}" if self.context else ""
        return f"{self.path}: {self.code}{inside} is no longer found: {self.text}"


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline file."""

    file: Path
    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """Raises `ConfigurationError` if the file cannot be read or is no baseline."""
        try:
            document = json.loads(bytes_of(file))
            if document["version"] != VERSION:
                raise ConfigurationError(f"is a baseline of version {document['version']}", str(file))
            fields = ("path", "code", "context", "line_hash", "text")
            entries = tuple(
                Entry(*(str(item.get(name, "")) for name in fields)) for item in document["findings"]
            )
        except OSError as error:
            raise ConfigurationError(f"cannot be read: {error.strerror}", str(file)) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ConfigurationError(f"is no baseline of peftlint's: {error}", str(file)) from None
        return cls(file, entries)

    def path_of(self, shown: str) -> str:
        """A path of a diagnostic (relative to the working directory, or absolute) as the baseline has it."""
        relative = os.path.relpath(os.path.abspath(shown), os.path.dirname(os.path.abspath(self.file)))
        return relative.replace(os.sep, "/")

    def entry(self, diagnostic: Diagnostic, result: Result) -> Entry:
        """The entry for a finding."""
        text = source_line(diagnostic, result).strip()
        path = self.path_of(diagnostic.path)
        return Entry(path, diagnostic.code, diagnostic.context, line_hash(text), text)

    def applied(self, result: Result, checked: Iterable[str]) -> Result:
        """The result without the findings that the baseline covers, and with the entries that are stale.

        Stale is an entry that matches nothing although its file was checked, or is gone. `checked` are the
        paths, as shown, of all files of the run.
        """
        left = list(self.entries)
        pending = [(d, self.entry(d, result)) for d in result.diagnostics if not d.suppressed]
        covered: set[int] = set()
        for matches in (_same, _same_but_function, self._same_but_file):
            for diagnostic, found in pending:
                if id(diagnostic) in covered:
                    continue
                known = next((entry for entry in left if matches(entry, found)), None)
                if known is not None:
                    left.remove(known)
                    covered.add(id(diagnostic))
        return replace(
            result,
            diagnostics=tuple(d for d in result.diagnostics if id(d) not in covered),
            baselined=len(covered),
            stale=tuple(entry.describe() for entry in self._stale(left, checked)),
        )

    def written(self, result: Result, checked: Sequence[str]) -> tuple[int, int]:
        """Write the findings of the run; gives the number of entries and how many old ones were pruned.

        Entries of files that this run did not look at stay. Raises `OSError`.
        """
        stale = self._stale(self.entries, checked)
        kept = [entry for entry in self.entries if entry not in stale]
        found = [self.entry(diagnostic, result) for diagnostic in result.findings]
        entries = sorted(kept + found)
        new = {replace(entry, text="") for entry in found}
        pruned = sum(replace(entry, text="") not in new for entry in stale)
        document: dict[str, Any] = {
            "version": VERSION,
            "tool": f"peftlint {__version__}",
            "findings": [vars(entry) for entry in entries],
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # a name at which nobody can have put a link to another file
        scratch = self.file.with_name(f".{self.file.name[:50]}.{os.getpid()}.{time.monotonic_ns()}.tmp")
        try:
            with open(scratch, "x", encoding="utf-8") as stream:
                stream.write(json.dumps(document, indent=2) + "\n")
            os.replace(scratch, self.file)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
        return len(entries), pruned

    def _stale(self, entries: Iterable[Entry], checked: Iterable[str]) -> list[Entry]:
        looked_at = {self.path_of(path) for path in checked}
        return [entry for entry in entries if entry.path in looked_at or not self._exists(entry.path)]

    def _exists(self, path: str) -> bool:
        return os.path.exists(os.path.join(os.path.dirname(os.path.abspath(self.file)), path))

    def _same_but_file(self, known: Entry, found: Entry) -> bool:
        same = (known.code, known.context, known.line_hash) == (found.code, found.context, found.line_hash)
        return same and not self._exists(known.path)


def _same(known: Entry, found: Entry) -> bool:
    return replace(known, text=found.text) == found


def _same_but_function(known: Entry, found: Entry) -> bool:
    return (known.path, known.code, known.line_hash) == (found.path, found.code, found.line_hash)
