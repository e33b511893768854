"""The interpreter's foundation: the current path, choices between paths, events, and forgetting.

A simple statement is run once for each combination of choices met while evaluating it (`attempt`, `choose`), so
expressions need not know that there are several paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from peftlint.semantics.events import Escaped, Event, Touched
from peftlint.semantics.records import (
    Cache,
    Config,
    Context,
    DictBox,
    Instance,
    ListBox,
    Network,
    Optimizer,
    Output,
    Pipeline,
    Record,
    StateDict,
    Trainer,
    Wrapper,
)
from peftlint.semantics.state import Decision, State
from peftlint.semantics.values import (
    BoundLibrary,
    Class,
    Constant,
    Partial,
    Reference,
    Sequence,
    Symbol,
    Value,
    sources_of,
)

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter
    from peftlint.semantics.syntax import Syntax
    from peftlint.targets import Targets

#: paths kept apart after a statement; more are dropped and the rest is marked as a sample
MAX_STATES = 12
#: alternatives tried for one simple statement
MAX_CHOICES = 24
#: statements run before calls are no longer followed, and before a source is given up
SOFT_LIMIT = 40_000
HARD_LIMIT = 160_000
#: statements run for one method that nobody calls before calls in it are no longer followed: only the inside of large
#: libraries has such, and the next method is to have its share
METHOD_LIMIT = 2_000
#: the least that one of several functions that nobody calls may take; more if more is left (half of it)
FUNCTION_LIMIT = 2_000
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

    def __init__(self, core: Core, changes: dict[str, Any]) -> None:
        self._core, self._changes = core, changes

    def __enter__(self) -> None:
        self._outer = self._core.where
        inner = Surroundings.__new__(Surroundings)
        inner.__dict__.update(self._outer.__dict__)
        inner.__dict__.update(self._changes)
        self._core.where = inner

    def __exit__(self, *exception: object) -> None:
        self._core.where = self._outer


class Core:
    """State that all parts of the interpreter share."""

    def __init__(self, syntax: Syntax, targets: Targets) -> None:
        self.syntax = syntax
        self.targets = targets
        self.state = State()
        self.where = Surroundings()
        self.events: list[Event] = []
        self.truncated = False
        self._choices: _Choices | None = None
        self._next_id = 1
        self._counter = 0
        self._event_count = -1
        self.stored: set[int] = set()
        #: objects of which nothing is known but that they were given an adapter
        self.suspects: set[Value] = set()
        self.records: dict[int, Record] = {}
        #: objects that an annotation tells of, which may be None instead
        self.nullable: set[int] = set()
        self.steps = 0
        #: calls are followed until then
        self.allowed = SOFT_LIMIT

    @property
    def whole(self) -> Interpreter:
        """This object as what it is: its parts call each other, and effects ask for all of it."""
        return cast("Interpreter", self)

    # -- identities

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def make(self, record: Record) -> Reference:
        """A new heap object."""
        identity = self.new_id()
        self.state.store(identity, record)
        self.records[identity] = record
        return Reference(identity)

    def make_once(self, record: Record, node: cst.CSTNode) -> Reference:
        """A new heap object that is the same one in all runs of a statement that have made the same choices so far.

        What a followed call did to it is remembered for all of them. It is told by the node that makes it: run again, a
        statement may make fewer others.
        """
        identity: int = self.remembered(lambda: [self.new_id()], f"made by {id(node)}")[0]
        self.state.store(identity, record)
        self.records[identity] = record
        return Reference(identity)

    def fresh(
        self, hint: str, sources: frozenset[int] = frozenset(), parts: frozenset[str] = frozenset()
    ) -> Symbol:
        """A symbol that equals nothing else."""
        self._counter += 1
        return Symbol(f"{hint}~{self._counter}", sources, parts)

    @property
    def bounded(self) -> bool:
        """A soft limit is reached: no more calls are followed, loops run once."""
        return self.steps > self.allowed

    def step(self) -> None:
        self.steps += 1
        if self.steps > HARD_LIMIT:
            self.truncated = True
            raise GivenUp

    def record_of(self, value: Value | None) -> Record | None:
        """The record of a heap object, on whatever path it was made last."""
        return self.records.get(value.id) if isinstance(value, Reference) else None

    # -- paths

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

    # -- events

    def emit(self, event: Event) -> Event:
        """Records the event on the current path."""
        state, where = self.state, self.where
        self._event_count += 1
        event.index = self._event_count
        event.ancestors = state.mask
        event.guards = state.guards
        event.decisions = state.decisions
        event.sampled = state.sampled
        event.entry = where.entry
        event.stack = where.stack
        event.loops = where.loops
        event.expected_failure = where.expected_failure
        event.handled = where.handled
        if event.network is not None and event.before is None:
            event.before = state.get(event.network, Network)
        self.events.append(event)
        state.mask |= 1 << event.index
        return event

    def about(self, call: Call, value: Value | None) -> dict[str, Any]:
        """The keywords of an event about the model in `value`."""
        network = self.network_id(value)
        return {
            "node": call.node,
            "syntax": self.syntax,
            "call": call,
            "network": network,
            "handle": value.id if isinstance(value, Reference) else None,
        }

    # -- models

    def network_id(self, value: Value | None) -> int | None:
        """The network behind a model, wrapper, pipeline, trainer or instance that is one."""
        record = self.state.record(value)
        match record:
            case Network():
                assert isinstance(value, Reference)
                return value.id
            case Wrapper(network=network):
                return network
            case Pipeline(network=network) | Trainer(network=network):
                return network
            case Instance(parent=parent) if parent is not None:
                return self.network_id(Reference(parent))
        return None

    def network(self, value: Value | int | None) -> Network | None:
        identity = value if isinstance(value, int) else self.network_id(value)
        return self.state.get(identity, Network)

    def change_network(self, identity: int, **changes: Any) -> None:
        self.state.change(identity, **changes)

    def networks_in(self, value: Value | None, seen: set[int] | None = None) -> set[int]:
        """Networks that somebody who holds the value can reach and change."""
        seen = set() if seen is None else seen
        found: set[int] = set()
        if isinstance(value, Sequence | Partial):
            items = (
                value.items if isinstance(value, Sequence) else (*value.args, *(v for _, v in value.keywords))
            )
            for item in items:
                found |= self.networks_in(item, seen)
            return found
        if not isinstance(value, Reference):
            if isinstance(value, BoundLibrary) and not self.is_method(value):
                # `model.device`, `model.config`: facts about the model, through which it cannot be changed
                return found
            if not isinstance(value, Symbol):
                for identity in sources_of(value):
                    found |= self.networks_in(Reference(identity), seen)
            return found
        if value.id in seen:
            return found
        seen.add(value.id)
        match self.state.heap.get(value.id):
            case Network():
                found.add(value.id)
            case Wrapper(network=network):
                found.add(network)
            case Trainer(network=network) | Pipeline(network=network) | Context(network=network):
                if network is not None:
                    found.add(network)
            case Optimizer(networks=networks):
                found |= set(networks)
            case ListBox(items=items):
                for item in items:
                    found |= self.networks_in(item, seen)
            case DictBox(items=pairs):
                for _, item in pairs:
                    found |= self.networks_in(item, seen)
            case Instance(attributes=attributes, parent=parent):
                for _, item in attributes:
                    found |= self.networks_in(item, seen)
                if parent is not None:
                    found |= self.networks_in(Reference(parent), seen)
        return found

    def is_method(self, value: BoundLibrary) -> bool:
        """Does the attribute of a model stand for one of its methods (or for the layers below it)?"""
        raise NotImplementedError

    def pipelines_in(self, value: Value | None) -> set[int]:
        return {value.id} if isinstance(value, Reference) and self.state.get(value, Pipeline) else set()

    def forget(self, networks: Iterable[int], pipelines: Iterable[int] = ()) -> None:
        """The one place where models become uncertain: somebody unknown may have done anything to them."""
        for identity in networks:
            network = self.state.get(identity, Network)
            if network is None:
                continue
            self.change_network(
                identity,
                adapters=tuple(
                    replace(a, trained=None, trainable=None, neutral=None) for a in network.adapters
                ),
                closed=False,
                active=None,
                merged=None,
                merged_adapters=None,
                enabled=None,
                training=None,
                trained=None,
                uncertain=True,
                epoch=network.epoch + 1,
            )
            for wrapper in network.wrappers:
                if wrapper in self.state.heap:
                    self.state.change(wrapper, active=None)
        for identity in pipelines:
            self.state.change(identity, closed=False, active=None, uncertain=True)

    def reactivate(self, networks: Iterable[int]) -> None:
        """Another adapter of the model may be active by now; all else is as it was."""
        for identity in networks:
            network = self.state.get(identity, Network)
            if network is None:
                continue
            self.change_network(
                identity,
                adapters=tuple(replace(a, trainable=None) for a in network.adapters),
                active=None,
                epoch=network.epoch + 1,
            )
            for wrapper in network.wrappers:
                if wrapper in self.state.heap:
                    self.state.change(wrapper, active=None)

    def escape(self, call: Call, values: Iterable[Value], inside: bool = False) -> None:
        """The values are given to a function that is not known (`inside`: one of the program, not followed)."""
        given = tuple(values)
        self.touch(call, given)
        networks: set[int] = set()
        pipelines: set[int] = set()
        for value in given:
            networks |= self.networks_in(value)
            pipelines |= self.pipelines_in(value)
        for identity in sorted(networks):
            handle = next(
                (v.id for v in given if isinstance(v, Reference) and self.network_id(v) == identity), identity
            )
            self.emit(
                Escaped(
                    node=call.node,
                    syntax=self.syntax,
                    call=call,
                    network=identity,
                    handle=handle,
                    arguments=given,
                    inside=inside,
                )
            )
        self.forget(networks, pipelines)
        for value in given:
            self._open_containers(value)

    def touch(self, call: Call, values: Iterable[Value]) -> None:
        """Whatever may happen to a model happens to those of the values that are `suspects`."""
        if self.suspects:
            for value in values:
                for suspect in self.suspects.intersection(_inside(value)):
                    self.emit(Touched(node=call.node, syntax=self.syntax, call=call, value=suspect))

    def _open_containers(self, value: Value) -> None:
        if isinstance(value, Reference):
            match self.state.heap.get(value.id):
                case ListBox() as box:
                    self.state.store(value.id, replace(box, closed=False))
                case DictBox() as pairs:
                    self.state.store(value.id, replace(pairs, closed=False))
                case Instance(cls=Class(), attributes=attributes) as instance:
                    # settings that a command line changes: what is switched off by default may be on
                    opened = tuple(
                        (name, Symbol(f"#{value.id}.{name}?") if _is_switch(held) else held)
                        for name, held in attributes
                    )
                    self.state.store(value.id, replace(instance, attributes=opened))
        elif isinstance(value, Sequence):
            for item in value.items:
                self._open_containers(item)

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


def _is_switch(value: Value) -> bool:
    return isinstance(value, Constant) and (value.value in (None, "") or isinstance(value.value, bool))


def _inside(value: Value) -> Iterable[Value]:
    """The value and, of a tuple, its items."""
    return (value, *value.items) if isinstance(value, Sequence) else (value,)


__all__ = ["Cache", "Config", "Core", "Diverges", "GivenUp", "Outcome", "Output", "StateDict", "Surroundings"]
