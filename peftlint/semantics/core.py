"""The interpreter's foundation: identities, events, models that become uncertain, and forgetting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from peftlint.semantics.events import Escaped, Event, Touched
from peftlint.semantics.paths import Paths
from peftlint.semantics.records import (
    Context,
    DictBox,
    Instance,
    ListBox,
    Network,
    Optimizer,
    Pipeline,
    Record,
    Trainer,
    Wrapper,
)
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


class Core(Paths):
    """State that all parts of the interpreter share."""

    def __init__(self, syntax: Syntax, targets: Targets) -> None:
        super().__init__()
        self.syntax = syntax
        self.targets = targets
        self.events: list[Event] = []
        self._event_count = -1
        self.stored: set[int] = set()
        #: objects of which nothing is known but that they were given an adapter
        self.suspects: set[Value] = set()
        #: functions that give more than text and numbers to callers that are not seen, as `Event.entry` names them
        self.giving_out: set[str] = set()
        self.records: dict[int, Record] = {}
        #: objects that an annotation tells of, which may be None instead
        self.nullable: set[int] = set()

    @property
    def whole(self) -> Interpreter:
        """This object as what it is: its parts call each other, and effects ask for all of it."""
        return cast("Interpreter", self)

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

    def record_of(self, value: Value | None) -> Record | None:
        """The record of a heap object, on whatever path it was made last."""
        return self.records.get(value.id) if isinstance(value, Reference) else None

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


def _is_switch(value: Value) -> bool:
    return isinstance(value, Constant) and (value.value in (None, "") or isinstance(value.value, bool))


def _inside(value: Value) -> Iterable[Value]:
    """The value and, of a tuple, its items."""
    return (value, *value.items) if isinstance(value, Sequence) else (value,)
