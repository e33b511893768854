"""Tries a set of fixes on the files as they are, and says what is wrong with the result, if anything."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from peftlint.diagnostics import Diagnostic, Edit, Severity
from peftlint.fixes.candidates import Candidate, Findings, start_offset
from peftlint.fixes.edits import (
    Change,
    Changes,
    Program,
    apply_changes,
    changes_of,
    edits_of,
    written_ranges,
)
from peftlint.fixes.text import span_offsets
from peftlint.rules.registry import all_rules
from peftlint.sources import EditError, SourceError, SourceFile, read
from peftlint.sources.text import BREAK

_IMPORT = re.compile(r"\s*(?:from|import)\b")


@dataclass(frozen=True)
class State:
    """The files as they are at the start of a round, and the findings in them."""

    files: Mapping[str, SourceFile]
    findings: Findings


class _Rejected(Exception):
    """The result of the fixes is not as it has to be; the message says why."""


class Trial:
    """One round's attempts, all on the same state."""

    def __init__(
        self,
        state: State,
        check: Callable[[Mapping[str, SourceFile]], Findings],
    ) -> None:
        self.state = state
        self.check = check
        self._tried: dict[tuple[int, ...], State | str] = {}

    def problem(self, candidates: Sequence[Candidate]) -> str | None:
        """Why these fixes cannot be applied together; None if they can."""
        outcome = self._try(candidates)
        return outcome if isinstance(outcome, str) else None

    def state_of(self, candidates: Sequence[Candidate]) -> State:
        """The state after fixes that have no problem."""
        outcome = self._try(candidates)
        assert isinstance(outcome, State)
        return outcome

    def changes_of(self, candidates: Sequence[Candidate]) -> Changes:
        changes = Changes()
        for candidate in candidates:
            if not changes.add(candidate.changes):
                raise _Rejected("it overlaps another fix")
        return changes

    def with_edits(self, edits: Mapping[Program, Sequence[Edit]]) -> State | None:
        """The state after edits that belong to no finding; None if they cannot be made."""
        changes = Changes()
        try:
            for (path, index), own in edits.items():
                changes.add({(path, index): changes_of(self.state.files[path].sources[index].code, own)})
            return self._result(changes, [])
        except (_Rejected, ValueError):
            return None

    def _try(self, candidates: Sequence[Candidate]) -> State | str:
        key = tuple(sorted(map(id, candidates)))
        if key not in self._tried:
            try:
                self._tried[key] = self._result(self.changes_of(candidates), candidates)
            except _Rejected as rejected:
                self._tried[key] = str(rejected)
        return self._tried[key]

    def _result(self, changes: Changes, candidates: Sequence[Candidate]) -> State:
        files = dict(self.state.files)
        for path in dict.fromkeys(path for path, _ in changes.programs):
            files[path] = _edited(files[path], path, changes)
        try:
            findings = self.check(files)
        except SourceError as error:
            raise _Rejected(f"the result does not parse: {error.message}") from None
        self._compare(findings, files, changes, [candidate.diagnostic for candidate in candidates])
        return State(files, findings)

    def _compare(
        self,
        findings: Findings,
        files: Mapping[str, SourceFile],
        changes: Changes,
        applied: Sequence[Diagnostic],
    ) -> None:
        """Raises if a finding is there that the fixes brought, or one that they were meant to end.

        A finding that was hidden may come to light: it is about code that stood there, and is reported in its turn.
        And advice may be asked for about what was written, if what it answers was worse.
        """
        pending = {id(diagnostic) for diagnostic in applied}
        meant = {(one.code, one.message) for one in applied}
        for path, of_file in findings.items():
            before = self.state.findings.get(path, ())
            for index, found in enumerate(of_file):
                old = [
                    diagnostic
                    for diagnostic in (before[index] if index < len(before) else ())
                    if id(diagnostic) not in pending and not diagnostic.suppressed
                ]
                new = [diagnostic for diagnostic in found if not diagnostic.suppressed]
                old_code = self.state.files[path].sources[index].code
                places = [changes.moved((path, index), start_offset(old_code, one)) for one in old]
                for extra in _extra(old, places, new, files[path].sources[index].code):
                    if (extra.code, extra.message) in meant:
                        raise _Rejected(f"it leaves its finding, {extra.code}, in place")
                    if not applied or not (
                        self._was_hidden(extra, (path, index), files, changes)
                        or (_is_advice(extra) and not any(map(_is_advice, applied)))
                    ):
                        raise _Rejected(f"it brings a new finding, {extra.code}: {extra.message}")

    def _was_hidden(
        self, finding: Diagnostic, program: Program, files: Mapping[str, SourceFile], changes: Changes
    ) -> bool:
        """Is the new finding about untouched code only, where it stands and in each step of its trace?

        Not so where the fix deletes lines: what is missing shows in no trace.
        """
        path, index = program
        for at in changes.programs:
            old_code = self.state.files[at[0]].sources[at[1]].code
            if any(_deletes_code(change, old_code) for change in changes.of(at)):
                return False
        if any(
            step.path != path and any(step.path == at[0] for at in changes.programs) for step in finding.trace
        ):
            return False
        code = files[path].sources[index].code
        written = written_ranges(changes.of(program))
        for span in (finding.span, *(step.span for step in finding.trace if step.path == path)):
            start, end = span_offsets(code, span)
            if any(start <= last and first <= end for first, last in written):
                return False
        return True


def _is_advice(diagnostic: Diagnostic) -> bool:
    """Is it one of those that are asked for by name only, about what might be done beside what is right?"""
    rule = all_rules().get(diagnostic.code)
    return rule is not None and not rule.default and diagnostic.severity is Severity.INFO


def _deletes_code(change: Change, code: str) -> bool:
    """Does the change take whole lines away, other than imports?"""
    removed = code[change.start : change.end]
    return bool(BREAK.search(removed)) and not change.text.strip() and not _IMPORT.match(removed)


def _extra(
    old: Sequence[Diagnostic], places: Sequence[int], new: Sequence[Diagnostic], code: str
) -> list[Diagnostic]:
    """The new findings that are no old ones: none of their code where they stand, of their message anywhere, or of their code
    in that line (where text is taken away that stood there twice, `x = ` of `x = x.f()`, the place is told to a word only).
    """
    left = [(one, start_offset(code, one)) for one in new]
    unmatched = list(zip(old, places, strict=True))

    def match(key: Callable[[Diagnostic, int], object]) -> None:
        waiting = list(unmatched)
        for diagnostic, place in waiting:
            wanted = key(diagnostic, place)
            found = next((at for at, (one, start) in enumerate(left) if key(one, start) == wanted), None)
            if found is not None:
                del left[found]
                unmatched.remove((diagnostic, place))

    match(lambda one, place: (one.code, place))
    match(lambda one, place: (one.code, one.message))
    match(lambda one, place: (one.code, code.count("\n", 0, place)))
    return [one for one, _ in left]


def _edited(file: SourceFile, path: str, changes: Changes) -> SourceFile:
    """The file after the changes, read back from its new bytes."""
    edits: dict[int, list[Edit]] = {}
    expected: dict[int, str] = {}
    for index, source in enumerate(file.sources):
        own = changes.of((path, index))
        expected[index] = source.code
        if own:
            expected[index] = apply_changes(source.code, own)
            edits[index] = edits_of(path, source.code, own)
    try:
        new = read(file.path, file.edited(edits), file.kind)
    except EditError as error:
        raise _Rejected(str(error)) from None
    except SourceError as error:
        raise _Rejected(f"the result cannot be read: {error.message}") from None
    if len(new.notes) > len(file.notes) or len(new.sources) != len(file.sources):
        raise _Rejected("the result does not parse")
    for index, source in enumerate(new.sources):
        if source.code != expected[index] and not _same_but_for_last_break(source.code, expected[index]):
            raise _Rejected("the result does not read back as it was written")
        if index in edits and not _parses(source.code, file.sources[index].code):
            raise _Rejected("the result does not parse")
    return new


def _same_but_for_last_break(code: str, expected: str) -> bool:
    """A cell's last line has no break in the file, and what is deleted after it leaves none."""
    return code.rstrip("\r\n") == expected.rstrip("\r\n")


def _parses(code: str, before: str) -> bool:
    """True if libcst reads the code, and Python compiles it if it did compile before.

    The code is compiled to find errors that are no matter of grammar (an argument given twice), never run.
    """
    import libcst

    try:
        libcst.parse_module(code)
    except Exception:  # the native parser raises bare exceptions on odd input
        return False
    return _compiles(code) or not _compiles(before)


def _compiles(code: str) -> bool:
    import ast

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<fixed>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True
