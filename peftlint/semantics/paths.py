"""Paths through the program: the current one, choices between several, and the surroundings of a statement.

A simple statement is run once for each combination of choices met while evaluating it (`attempt`, `choose`), so
expressions need not know that there are several paths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from peftlint.semantics.state import Decision, State
from peftlint.semantics.values import (
    Symbol,
    Value,
)

if TYPE_CHECKING:
    import libcst as cst


#: paths kept apart after a statement; more are dropped and the rest is marked as a sample
MAX_STATES = 12
#: and where calls are no longer followed
FEW_STATES = 3
#: alternatives tried for one simple statement
MAX_CHOICES = 24
#: statements run before calls are no longer followed, and before a source is given up
SOFT_LIMIT = 20_000
HARD_LIMIT = 160_000
#: statements run for one method that nobody calls before calls in it are no longer followed: only the inside of large
#: libraries has such, and the next method is to have its share
METHOD_LIMIT = 2_000
#: statements run for one class to see what its methods do to each other; beyond, that is told from their text
CLASS_LIMIT = 6_000
#: the least that one of several functions that nobody calls may take; more if more is left (half of it)
FUNCTION_LIMIT = 2_000
#: what each function or method that nobody calls may take even where nothing is left
LEAST = 150
#: both in the libraries' own files, whose classes and functions the tables describe already
OWN_LIMIT, OWN_CLASS_LIMIT = 500, 1_500
#: statements run for one decorator: it returns the function, or one around it, or it is not worth more
DECORATOR_LIMIT = 200
MAX_DEPTH = 9

R = TypeVar("R")


class Diverges(Exception):
    """The path ends here: the statement raises or leaves the program."""


class GivenUp(Exception):
    """The bounds are hit: nothing more is known about this source."""


@dataclass
class Outcome(Generic[R]):
    state: State
    result: R


@dataclass
class _Choices:
    script: tuple[int, ...]
    pending: list[tuple[int, ...]]
    memo: dict[tuple[tuple[int, ...], str, int], list[Any]]
    taken: tuple[int, ...] = ()
    asked: dict[str, int] = field(default_factory=dict)


@dataclass
class Surroundings:
    """Where the interpreter is: the stack of followed calls, loops, handlers and tests around the statement."""

    entry: str = ""
    stack: tuple[cst.CSTNode, ...] = ()
    loops: tuple[cst.CSTNode, ...] = ()
    rounds: int = 1
    """How often the statement is run for the loops around it whose items are known."""
    handled: tuple[str, ...] = ()
    expected_failure: bool = False
    no_grad: bool = False
    filtered: bool = False
    """Inside a comprehension whose `if` is not known to hold for every item."""
    discarded: cst.CSTNode | None = None
    functions: tuple[Any, ...] = ()
    frame: int = 0
    module_frame: int = 0
    yields: Callable[[Value], None] | None = field(default=None)


class _Within:
    """Changes the surroundings for a block (quicker than a generator, and there are very many)."""

    __slots__ = ("_changes", "_core", "_outer")

    def __init__(self, core: Paths, changes: dict[str, Any]) -> None:
        self._core, self._changes = core, changes

    def __enter__(self) -> None:
        self._outer = self._core.where
        inner = Surroundings.__new__(Surroundings)
        inner.__dict__.update(self._outer.__dict__)
        inner.__dict__.update(self._changes)
        self._core.where = inner

    def __exit__(self, *exception: object) -> None:
        self._core.where = self._outer


class Paths:
    """The current path, and how it parts."""

    def __init__(self) -> None:
        self.state = State()
        self.where = Surroundings()
        self.truncated = False
        self._choices: _Choices | None = None
        self._next_id = 1
        self._counter = 0
        self.steps = 0
        #: calls are followed until then
        self.allowed = SOFT_LIMIT
        #: is the source a file of one of the followed libraries?
        self.inside_library = False

    def share(self, statements: int) -> int:
        """Until when calls are followed in something of its own that is to take so many of what is left."""
        return max(min(self.allowed, self.steps + statements), self.steps + LEAST)

    @property
    def bounded(self) -> bool:
        """A soft limit is reached: no more calls are followed, loops run once."""
        return self.steps > self.allowed

    @property
    def breadth(self) -> int:
        """How many paths are kept apart."""
        return FEW_STATES if self.steps > self.allowed else MAX_STATES

    def step(self) -> None:
        self.steps += 1
        if self.steps > HARD_LIMIT:
            self.truncated = True
            raise GivenUp

    def attempt(self, state: State, action: Callable[[], R]) -> tuple[list[Outcome[R]], list[State]]:
        """Runs the action on forks of the state, once for each combination of choices.

        Returns the outcomes and the states of paths that diverge (raise).
        """
        outer_state, outer_choices = self.state, self._choices
        pending: list[tuple[int, ...]] = [()]
        memo: dict[tuple[tuple[int, ...], str, int], list[Any]] = {}
        outcomes: list[Outcome[R]] = []
        raised: list[State] = []
        tried = 0
        try:
            while pending and tried < MAX_CHOICES:
                tried += 1
                choices = _Choices(pending.pop(), pending, memo)
                self._choices = choices
                self.state = state.fork()
                try:
                    result = action()
                except Diverges:
                    raised.append(self.state)
                else:
                    outcomes.append(Outcome(self.state, result))
            if pending:
                for outcome in outcomes:
                    outcome.state.sampled = True
        finally:
            self.state, self._choices = outer_state, outer_choices
        return outcomes, raised

    def choose(self, options: int) -> int:
        """Which of several possibilities this path takes; the others are tried on other runs of the statement."""
        choices = self._choices
        if choices is None or options <= 1:
            return 0
        position = len(choices.taken)
        if position < len(choices.script):
            # run again, a statement may ask less: what it asked first (of a module, say) may be known by now
            pick = min(choices.script[position], options - 1)
        else:
            pick = 0
            choices.pending.extend((*choices.taken, other) for other in range(options - 1, 0, -1))
        choices.taken = (*choices.taken, pick)
        return pick

    def remembered(self, compute: Callable[[], list[Any]], kind: str = "followed") -> list[Any]:
        """A list computed once for all runs of the statement that have made the same choices so far.

        Each kind is counted for itself: run again, a statement may ask less of one kind, and is not to get what
        belongs to another.
        """
        choices = self._choices
        if choices is None:
            return compute()
        asked = choices.asked.get(kind, 0)
        key = (choices.taken, kind, asked)
        choices.asked[kind] = asked + 1
        if key not in choices.memo:
            choices.memo[key] = compute()
        return choices.memo[key]

    def surroundings(self, **changes: Any) -> _Within:
        """The block runs with some surroundings changed."""
        return _Within(self, changes)

    def decided(self, key: str, parts: frozenset[str] = frozenset()) -> bool:
        """The truth of a condition that is not known: as decided before on this path, else both ways."""
        assumed = self.state.assumed(key)
        if assumed is not None:
            return assumed
        outcome = self.choose(2) == 0
        self.state.decide(Decision(key, outcome, parts))
        return outcome

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def fresh(
        self, hint: str, sources: frozenset[int] = frozenset(), parts: frozenset[str] = frozenset()
    ) -> Symbol:
        """A symbol that equals nothing else."""
        self._counter += 1
        return Symbol(f"{hint}~{self._counter}", sources, parts)
