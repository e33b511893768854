"""Methods tried out: run from a state to see what they set and change, without being part of the program's story."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from peftlint.semantics.definitions import Definitions
from peftlint.semantics.events import Event
from peftlint.semantics.paths import METHOD_LIMIT
from peftlint.semantics.records import TYPESTATE, Instance, alters, only_switches
from peftlint.semantics.relevance import TOUCHING
from peftlint.semantics.setters import may_set, targets_of
from peftlint.semantics.state import State
from peftlint.semantics.values import Class, Function, Reference, Value
from peftlint.semantics.walk import walk

#: models that a method changes, and attributes of the object that it sets, with the kind of what it leaves in them
Touched = tuple[set[int], dict[str, str], set[int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a method did that was run from a state to see what it sets: not part of the program's story yet."""

    ends: list[State]
    events: list[Event]
    followed: dict[cst.CSTNode, int]
    closures: dict[int, tuple[State, ...]]


class Trials(Definitions):
    """What methods do, found by running them, without leaving events."""

    owners: dict[cst.CSTNode, Class]
    classes: list[Class]
    functions: list[Function]
    method_ends: dict[cst.CSTNode, list[State]]
    touches: dict[tuple[cst.CSTNode, State], Touched]
    settable: dict[cst.CSTNode, frozenset[str] | None]
    trials: dict[tuple[cst.CSTNode, State], Trial]
    closure_ends: dict[int, tuple[State, ...]]

    def run_entry(self, function: Function, receiver: list[Value], states: list[State]) -> list[State]:
        raise NotImplementedError

    def _arguments_of(self, method: Function, instance: Reference) -> list[Value]:
        if "staticmethod" in method.decorators:
            return []
        if method.name in ("setUpClass", "setup_class"):
            # what it puts on the class, every test finds on its object
            return [instance]
        if "classmethod" in method.decorators:
            return [method.owner] if method.owner is not None else []
        return [instance]

    def _run_from_outside(self, method: Function, instance: Reference, states: list[State]) -> list[State]:
        outer, self.allowed = self.allowed, min(self.steps + METHOD_LIMIT, self.allowed)
        try:
            return self.run_entry(method, self._arguments_of(method, instance), states)
        finally:
            self.allowed = outer

    def _probe(self, method: Function, instance: Reference, state: State) -> list[State]:
        """The ends of a method, run without leaving events."""
        count, followed, closures = len(self.events), dict(self.followed), dict(self.closure_ends)
        ends = self._run_from_outside(method, instance, [state])
        self.trials[method.node, state] = Trial(
            ends,
            self.events[count:],
            {node: times - followed.get(node, 0) for node, times in self.followed.items()},
            {frame: at for frame, at in self.closure_ends.items() if frame not in closures},
        )
        del self.events[count:]
        self.followed, self.closure_ends = followed, closures
        return ends

    def _repeat(self, trial: Trial) -> list[State]:
        """The method is run for good from the state in which it was tried: all happens as it did then."""
        self.events += trial.events
        for node, times in trial.followed.items():
            self.followed[node] = self.followed.get(node, 0) + times
        self.closure_ends.update(trial.closures)
        return trial.ends

    def _touched(self, method: Function, instance: Reference, before: State) -> Touched:
        """Models that the method changes, attributes of the object that it sets, and models that it only switches."""
        key = (method.node, before)
        known = self.touches.get(key)
        if known is not None:
            return known
        if not self._may_touch(method, instance, before):
            self.touches[key] = set(), {}, set()
            return self.touches[key]
        old = before.get(instance, Instance)
        changed: set[int] = set()
        switched: set[int] = set()
        attributes: dict[str, str] = {}
        for end in self._probe(method, instance, before):
            for identity, record in before.heap.items():
                after = end.heap.get(identity)
                if isinstance(record, TYPESTATE) and alters(record, after):
                    (switched if only_switches(record, after) else changed).add(identity)
            new = end.get(instance, Instance)
            if old is not None and new is not None:
                for name, value in new.attributes:
                    if old.attribute(name) != value:
                        kind = type(end.record(value)).__name__
                        attributes[name] = kind if attributes.get(name, kind) == kind else "several"
        self.touches[key] = changed, attributes, switched - changed
        return self.touches[key]

    def _may_touch(self, method: Function, instance: Reference, before: State) -> bool:
        """Told from the names it mentions: does the method set attributes of its object, or change models?"""
        relevance = method.syntax.relevance
        if relevance.strong(method.node) or relevance.mentions(method.node, TOUCHING):
            return True
        record = before.get(instance, Instance)
        held = (
            [name for name, value in record.attributes if before.matters(value)] if record is not None else []
        )
        return bool(assigned_attributes(method.node)) or relevance.mentions(method.node, held)

    def _sets(self, method: Function, names: set[str] | frozenset[str]) -> bool:
        """Might the method set one of these attributes of its object?"""
        if method.owner is None:
            return True
        if method.node not in self.settable:
            self.settable[method.node] = may_set(method.owner, method)
        known = self.settable[method.node]
        return known is None or not known.isdisjoint(names)


@lru_cache(maxsize=256)
def assigned_attributes(node: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
    """Names of attributes of any object that the function assigns."""
    return frozenset(
        part.attr.value
        for each in walk(node.body)
        for target in targets_of(each)
        for part in walk(target)
        if type(part) is cst.Attribute
    )
