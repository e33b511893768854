"""The fixes that can be tried: those of the findings at hand, with their edits by program."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes.edits import Change, Program, changes_of
from peftlint.sources.base import SourceFile
from peftlint.sources.text import Positions

Findings = Mapping[str, Sequence[Sequence[Diagnostic]]]


@dataclass(frozen=True)
class Candidate:
    """A finding with a fix. `offset` is where it starts in its program; `problem` is why it cannot be
    tried.
    """

    diagnostic: Diagnostic
    program: Program
    offset: int
    changes: Mapping[Program, Sequence[Change]]
    problem: str | None = None

    @property
    def key(self) -> tuple[str, int, str, int]:
        return (*self.program, self.diagnostic.code, self.offset)


def start_offset(code: str, diagnostic: Diagnostic) -> int:
    """Where the finding starts in the code; the end of the code for a position that it does not have."""
    try:
        return Positions(code).offset(diagnostic.span.line, diagnostic.span.column - 1)
    except ValueError:
        return len(code)


def candidates_of(
    files: Mapping[str, SourceFile], findings: Findings, applicabilities: Collection[Applicability]
) -> Iterator[Candidate]:
    """Findings whose fix has one of the applicabilities, in order; suppressed ones are left out."""
    for path, of_file in findings.items():
        for index, of_program in enumerate(of_file):
            for diagnostic in of_program:
                fix = diagnostic.fix
                if fix is None or diagnostic.suppressed or diagnostic.path != path:
                    # findings met in another file on the way come again with that file
                    continue
                if fix.applicability in applicabilities:
                    yield _candidate(files, (path, index), diagnostic)


def _candidate(files: Mapping[str, SourceFile], program: Program, diagnostic: Diagnostic) -> Candidate:
    path, index = program
    assert diagnostic.fix is not None
    offset = start_offset(files[path].sources[index].code, diagnostic)
    edits: dict[Program, list[int]] = {}
    for at, edit in enumerate(diagnostic.fix.edits):
        if edit.path == path:
            edits.setdefault(program, []).append(at)
        elif edit.path not in files:
            problem = f"it also changes {edit.path}, which is not among the files to fix"
            return Candidate(diagnostic, program, offset, {}, problem)
        elif len(files[edit.path].sources) != 1:
            problem = f"it also changes {edit.path}, which is not one program"
            return Candidate(diagnostic, program, offset, {}, problem)
        else:
            edits.setdefault((edit.path, 0), []).append(at)
    changes: dict[Program, Sequence[Change]] = {}
    for touched, indices in edits.items():
        code = files[touched[0]].sources[touched[1]].code
        try:
            own = changes_of(code, [diagnostic.fix.edits[at] for at in indices])
        except ValueError as error:
            return Candidate(diagnostic, program, offset, {}, f"its edits do not fit the text: {error}")
        changes[touched] = [change for change in own if code[change.start : change.end] != change.text]
    if not any(changes.values()):
        return Candidate(diagnostic, program, offset, {}, "it changes nothing")
    return Candidate(diagnostic, program, offset, changes)
