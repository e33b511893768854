"""Applies the fixes of findings, in rounds, until nothing is left that can be applied.

Coordinates: a check gives, for each program of a file, findings in the coordinates of that program's
`code`, and the edits of their fixes are in the same coordinates; `Edit.cell` plays no part. An edit whose
`path` is another file counts in the one program of that file; such a fix needs both files in the run
(`fix_files`), and is applied to all of them or to none. Positions in files appear only in reports.

After each round the files are read back from their new bytes and checked again. What is kept: the programs
parse, no note is added, the code is what the edits say, and no finding is there that a fix brought: a new one
must be about untouched code only, each step of its trace too (weights that are loaded now, say, make a cache stale
that was filled further down). A fix that breaks this, or leaves its own finding, is dropped with the reason, and the
others go on without it.

What is done with a text depends on that text alone, not on the rounds before: so a second run has nothing to do.
Fixes that undo each other over several rounds are found by the text that comes again; the file is then fixed from
the start without the fixes of these codes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes.candidates import Candidate, candidates_of
from peftlint.fixes.edits import Changes
from peftlint.fixes.orphans import orphaned_imports
from peftlint.fixes.trial import State, Trial
from peftlint.sources.base import SourceFile

#: per program of the file, in order, its findings
Check = Callable[[SourceFile], Sequence[Sequence[Diagnostic]]]
#: by path, for each file, per program of the file its findings
ProjectCheck = Callable[[Mapping[str, SourceFile]], Mapping[str, Sequence[Sequence[Diagnostic]]]]

#: rounds beyond one for each fix of the file as it is: who needs more comes to no end
ROUNDS = 100


@dataclass(frozen=True)
class DroppedFix:
    """A fix that was not applied, its finding (in program coordinates of the round it was tried in) and
    why.
    """

    diagnostic: Diagnostic
    reason: str


@dataclass(frozen=True)
class FixOutcome:
    """Files before and after, by path; the findings whose fixes were applied; the fixes that were dropped.

    `remaining` are the findings of the files after the fixes, as the check gave them.
    """

    before: Mapping[str, SourceFile]
    after: Mapping[str, SourceFile]
    applied: tuple[Diagnostic, ...] = ()
    dropped: tuple[DroppedFix, ...] = ()
    remaining: Mapping[str, Sequence[Sequence[Diagnostic]]] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths of the files that have new bytes."""
        return tuple(path for path, file in self.after.items() if file.raw != self.before[path].raw)

    def diff(self) -> str:
        """A unified diff of all changed files, "" if there are none."""
        from peftlint.fixes.diff import unified_diff

        return "".join(unified_diff(self.before[path], self.after[path]) for path in self.changed)


def fix_file(
    file: SourceFile,
    check: Check,
    applicabilities: Collection[Applicability] = (Applicability.SAFE,),
) -> FixOutcome:
    """Fix one file by itself. Fixes that need another file too are dropped.

    Raises `SourceError` if the check of the file as it is does.
    """
    return fix_files({file.path: file}, lambda files: {file.path: check(files[file.path])}, applicabilities)


def fix_files(
    files: Mapping[str, SourceFile],
    check: ProjectCheck,
    applicabilities: Collection[Applicability] = (Applicability.SAFE,),
) -> FixOutcome:
    """Fix several files together. Files that a round leaves alone are handed to the check as the same
    objects.

    Nothing is written. Raises `SourceError` if the check of the files as they are does.
    """
    return _Engine(files, check, frozenset(applicabilities) - {Applicability.DISPLAY}).run()


class _Engine:
    def __init__(
        self,
        files: Mapping[str, SourceFile],
        check: ProjectCheck,
        applicabilities: frozenset[Applicability],
    ) -> None:
        self.before = files
        self.check = check
        self.applicabilities = applicabilities
        self.applied: list[Diagnostic] = []
        self.dropped: list[DroppedFix] = []
        #: (path, program, code, offset) of findings whose fixes cannot be applied to the files as they are now
        self.refused: set[tuple[str, int, str, int]] = set()
        #: why the fixes of a code are not tried
        self.endless: dict[str, str] = {}

    def run(self) -> FixOutcome:
        start = State(dict(self.before), self.check(self.before))
        while True:
            self.applied.clear()
            self.dropped.clear()
            self.refused.clear()
            state = self._settled(start)
            if state is not None:
                break
        return FixOutcome(
            self.before, state.files, tuple(self.applied), tuple(self.dropped), dict(state.findings)
        )

    def _settled(self, state: State) -> State | None:
        """The state after all rounds; None if they came to no end, and some codes are `endless` now."""
        rounds = ROUNDS + sum(1 for _ in candidates_of(state.files, state.findings, self.applicabilities))
        #: by text, how many fixes were applied then
        seen = {_texts(state): 0}
        while True:
            candidates = self._candidates(state)
            following = self._round(state, candidates) if candidates else self._without_orphans(state)
            if following is None:
                continue
            if following is state:
                return state
            state = following
            # what was wrong with the others may be mended by these
            self.refused.clear()
            self.dropped.clear()
            since = seen.setdefault(_texts(state), len(self.applied))
            if since == len(self.applied) and len(seen) > rounds:
                since //= 2
            if since < len(self.applied):
                self._give_up({diagnostic.code for diagnostic in self.applied[since:]})
                return None

    def _give_up(self, codes: Collection[str]) -> None:
        """The fixes of these codes are not tried again."""
        for code in codes:
            others = ", ".join(sorted(set(codes) - {code}))
            self.endless[code] = (
                f"its fixes and those of {others} undo each other" if others else "its fixes come to no end"
            )

    def _candidates(self, state: State) -> list[Candidate]:
        usable = []
        for candidate in candidates_of(state.files, state.findings, self.applicabilities):
            if candidate.key in self.refused:
                continue
            problem = candidate.problem or self.endless.get(candidate.diagnostic.code)
            if problem is not None:
                self._drop(candidate, problem)
            else:
                usable.append(candidate)
        return usable

    def _drop(self, candidate: Candidate, reason: str) -> None:
        self.refused.add(candidate.key)
        self.dropped.append(DroppedFix(candidate.diagnostic, reason))

    def _round(self, state: State, candidates: Sequence[Candidate]) -> State | None:
        """The state after as many of the fixes as go together; None if there are none: those that were tried are dropped."""
        chosen = Changes()
        batch = [candidate for candidate in candidates if chosen.add(candidate.changes)]
        trial = Trial(state, self.check)
        accepted = self._admit(trial, [], batch)
        if not accepted:
            for candidate in batch:
                self._drop(candidate, trial.problem([candidate]) or "")
            return None
        following = trial.state_of(accepted)
        self.applied += [candidate.diagnostic for candidate in accepted]
        return following

    def _admit(self, trial: Trial, accepted: list[Candidate], batch: list[Candidate]) -> list[Candidate]:
        """`accepted` and those of the batch that can join them; halved until the culprits are found."""
        if not batch:
            return accepted
        if trial.problem([*accepted, *batch]) is None:
            return [*accepted, *batch]
        if len(batch) == 1:
            return accepted
        middle = len(batch) // 2
        return self._admit(trial, self._admit(trial, accepted, batch[:middle]), batch[middle:])

    def _without_orphans(self, state: State) -> State:
        """The state without the imports whose last use several fixes took away together."""
        for path, file in list(state.files.items()):
            if file.raw == self.before[path].raw:
                continue
            for program in range(len(file.sources)):
                while True:
                    source = state.files[path].sources[program]
                    removal = orphaned_imports(self.before[path].sources[program], source)
                    if not removal:
                        break
                    trial = Trial(state, self.check)
                    following = trial.with_edits({(path, program): removal})
                    if following is None:
                        break
                    state = following
        return state


def _texts(state: State) -> tuple[tuple[str, bytes], ...]:
    return tuple((path, file.raw) for path, file in state.files.items())
