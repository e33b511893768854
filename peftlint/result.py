"""What a run found: one `FileReport` for each file that was parsed or failed, and the `Result` of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from peftlint.diagnostics import Applicability, Diagnostic, FileError, Span

#: path as shown, cell, line in the file or cell
Place = tuple[str, "int | None", int]


@dataclass(frozen=True)
class Excerpt:
    """A line of a program, for the code frame. A column of the file is a column of `text` plus `shift`."""

    text: str
    shift: int = 0


@dataclass(frozen=True)
class FileReport:
    """What one file gave. `diagnostics` hold the suppressed ones too; positions are those of the file."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[FileError, ...] = ()
    excerpts: Mapping[Place, Excerpt] = field(default_factory=dict)
    parsed: bool = False
    #: how many fixes were applied, by code
    fixed: Mapping[str, int] = field(default_factory=dict)
    #: code and place of each finding that was fixed
    mended: frozenset[tuple[str, Span]] = frozenset()
    #: what fixing would change, as a unified diff (`--diff`)
    diff: str = ""
    #: the bytes of the file as it was read and as fixing makes it, if it changes
    change: tuple[bytes, bytes] | None = None
    #: why a fix was not applied
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The outcome of a run.

    `files` counts the files that were looked at, `parsed` those that passed the gate, `seconds` is wall time.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[FileError, ...] = ()
    files: int = 0
    parsed: int = 0
    seconds: float = 0.0
    excerpts: Mapping[Place, Excerpt] = field(default_factory=dict, repr=False)
    fixed: Mapping[str, int] = field(default_factory=dict)
    diffs: tuple[str, ...] = ()
    #: paths, as shown, of all files that were looked at
    checked: tuple[str, ...] = field(default=(), repr=False)
    #: why fixes were not applied
    notes: tuple[str, ...] = ()
    #: findings that the baseline covers, and entries of the baseline that nothing matches any more
    baselined: int = 0
    stale: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are left to report: those that nothing suppresses."""
        return tuple(diagnostic for diagnostic in self.diagnostics if not diagnostic.suppressed)

    def fixable(self, *applicabilities: Applicability) -> int:
        """How many findings have a fix of one of these applicabilities."""
        return sum(d.fix is not None and d.fix.applicability in applicabilities for d in self.findings)

    @property
    def exit_code(self) -> int:
        """0: nothing left to report; 1: findings; 2: some input could not be read or understood."""
        return 2 if self.errors else 1 if self.findings else 0


def in_order(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, cell and position, then code: the order in which a reader meets them."""
    return tuple(
        sorted(diagnostics, key=lambda d: (d.path, -1 if d.cell is None else d.cell, d.span, d.code))
    )


def _once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once: one in a module may come to light in the module and in files that import it.

    The one with the longest trace stays, with the fix that the module's own run offers.
    """
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for diagnostic in diagnostics:
        key = (diagnostic.path, diagnostic.cell, diagnostic.span, diagnostic.code)
        if key in kept:
            diagnostic = _merged(kept[key], diagnostic)
        kept[key] = diagnostic
    return list(kept.values())


def _merged(one: Diagnostic, other: Diagnostic) -> Diagnostic:
    fixes = [d.fix for d in (one, other) if d.fix and d.fix.applicability is not Applicability.DISPLAY]
    longest = other if len(other.trace) > len(one.trace) else one
    return longest.with_fix(fixes[0] if fixes else longest.fix)


def combined(
    reports: Sequence[FileReport], errors: Sequence[FileError], files: int, seconds: float
) -> Result:
    """One `Result` of all reports."""
    excerpts: dict[Place, Excerpt] = {}
    fixed: Counter[str] = Counter()
    for report in reports:
        excerpts.update(report.excerpts)
        fixed.update(report.fixed)
    every_error = [*errors, *(error for report in reports for error in report.errors)]
    return Result(
        diagnostics=in_order(_once(d for report in reports for d in report.diagnostics)),
        errors=tuple(
            sorted(every_error, key=lambda e: (e.path, -1 if e.cell is None else e.cell, e.line, e.column))
        ),
        files=files,
        parsed=sum(report.parsed for report in reports),
        seconds=seconds,
        excerpts=excerpts,
        fixed=dict(fixed),
        diffs=tuple(report.diff for report in reports if report.diff),
        notes=tuple(note for report in reports for note in report.notes),
    )
