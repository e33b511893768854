"""One program under one transformation: which verdicts are lost, which are new."""

from __future__ import annotations

from dataclasses import dataclass

from tests.metamorphic.subjects import Subject
from tests.metamorphic.transformations import TRANSFORMATIONS

#: here a name that is gone stands at its use, no longer at its import
MOVING = ("import module", "import module as M", "import the defining module as M", "from module import *")
#: verdicts that rightly change: (transformation, alone or one of a pair; code; why)
ACCEPTED = (
    (
        "imports in try / except ImportError",
        "PEFT901",
        "who goes on without a name is ready for the release in which it is gone: the catalogue says so",
    ),
    ("imports in try / except ImportError", "PEFT902", "the same, for a name that will be gone"),
)

Entry = tuple[str, "int | None"]


@dataclass(frozen=True)
class Comparison:
    """What the linter says of the program before and after."""

    transformation: str
    program: str
    findings: int
    lost: tuple[Entry, ...]
    gained: tuple[Entry, ...]
    error: str = ""
    #: findings that are lost or new for a reason that is accepted
    accepted: int = 0

    @property
    def kept(self) -> bool:
        return not (self.lost or self.gained or self.error)

    def __str__(self) -> str:
        words = [f"-{code}@{number}" for code, number in self.lost]
        words += [f"+{code}@{number}" for code, number in self.gained]
        return f"{self.program}  {' '.join(words)}  {self.error}".rstrip()


def compare(subject: Subject, name: str) -> Comparison | None:
    """None where the transformation does not apply to the program."""
    variant = TRANSFORMATIONS[name](subject.module)
    if variant is None:
        return None
    before = subject.baseline
    try:
        after, error = subject.verdict(variant), ""
    except Exception as problem:
        after, error = before, f"{type(problem).__name__}: {str(problem)[:300]}"
    lost, gained = sorted(before - after, key=str), sorted(after - before, key=str)
    if any(part in MOVING for part in name.split("; ")) and sorted(code for code, _ in lost) == sorted(
        code for code, _ in gained
    ):
        lost = gained = []
    # a finding at what the transformation wrote: the `return` where a result is handed on, or the call of a helper, which
    # is told once for all that happens in it
    for entry in [entry for entry in gained if entry[1] is None]:
        same = [other for other in lost if other[0] == entry[0]]
        if same:
            lost = [other for other in lost if other not in same]
            gained.remove(entry)
    accepted = {code for word, code, _ in ACCEPTED if word in name.split("; ")}
    left = [tuple(entry for entry in entries if entry[0] not in accepted) for entries in (lost, gained)]
    taken = len(lost) + len(gained) - len(left[0]) - len(left[1])
    return Comparison(name, subject.name, len(before), left[0], left[1], error, taken)
