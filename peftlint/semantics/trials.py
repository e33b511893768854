"""Methods tried out: run from a state to see what they set and change, without being part of the program's story."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from peftlint.semantics.definitions import Definitions
from peftlint.semantics.events import Event
from peftlint.semantics.paths import CLASS_LIMIT, METHOD_LIMIT, OWN_CLASS_LIMIT, OWN_LIMIT
from peftlint.semantics.records import TYPESTATE, Instance, Network, alters, only_switches
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What a method did to an object of one class, in words that hold for objects of classes derived from it."""

    cls: Class
    #: what the attributes that it reads held, by kind
    held: dict[str, str]
    changed: frozenset[str]
    switched: frozenset[str]
    attributes: dict[str, str]


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
    seen: dict[cst.CSTNode, list[Seen]]
    #: statements run for the class at hand to see what its methods do
    probed: int

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
        limit = OWN_LIMIT if self.inside_library else METHOD_LIMIT
        outer, self.allowed = self.allowed, self.share(limit)
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
        known = self._seen_before(method, instance, before)
        if known is None and self.probed > (OWN_CLASS_LIMIT if self.inside_library else CLASS_LIMIT):
            known = self._touched_by_text(method, before)
        if known is not None:
            self.touches[key] = known
            return known
        changed: set[int] = set()
        switched: set[int] = set()
        attributes: dict[str, str] = {}
        begun = self.steps
        ends = self._probe(method, instance, before)
        self.probed += self.steps - begun
        for end in ends:
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
        self._note_seen(method, instance, before, self.touches[key])
        return self.touches[key]

    def _seen_before(self, method: Function, instance: Reference, before: State) -> Touched | None:
        """What the method did to an object of a class that this one's is derived from, where all that it reads is alike."""
        record = before.get(instance, Instance)
        if record is None or not isinstance(record.cls, Class):
            return None
        for seen in self.seen.get(method.node, ()):
            if seen.cls is record.cls or seen.held != self._kinds_read(method, instance, before):
                continue
            if any(record.cls.lookup(name) is not seen.cls.lookup(name) for name in reads_of(method)):
                continue
            reached = [
                {i for name in names for i in self._networks_of(instance, name, before)}
                for names in (seen.changed, seen.switched)
            ]
            return reached[0], dict(seen.attributes), reached[1] - reached[0]
        return None

    def _note_seen(self, method: Function, instance: Reference, before: State, touched: Touched) -> None:
        record = before.get(instance, Instance)
        if record is None or not isinstance(record.cls, Class):
            return
        changed, attributes, switched = touched
        names = [name for name, _ in record.attributes]
        by_name = {name: self._networks_of(instance, name, before) for name in names}
        if not (changed | switched) <= {i for found in by_name.values() for i in found}:
            return
        held = self._kinds_read(method, instance, before)
        roles = (self._names_of(changed, by_name), self._names_of(switched, by_name))
        self.seen.setdefault(method.node, []).append(
            Seen(record.cls, held, changed=roles[0], switched=roles[1], attributes=attributes)
        )

    @staticmethod
    def _names_of(networks: set[int], by_name: dict[str, set[int]]) -> frozenset[str]:
        return frozenset(name for name, found in by_name.items() if not found.isdisjoint(networks))

    def _kinds_read(self, method: Function, instance: Reference, state: State) -> dict[str, str]:
        record = state.get(instance, Instance)
        if record is None:
            return {}
        values = {name: record.attribute(name) for name in sorted(reads_of(method))}
        return {
            name: type(value if (found := state.record(value)) is None else found).__name__
            for name, value in values.items()
            if value is not None
        }

    def _networks_of(self, instance: Reference, name: str, state: State) -> set[int]:
        record = state.get(instance, Instance)
        outer, self.state = self.state, state
        try:
            return self.networks_in(record.attribute(name) if record is not None else None)
        finally:
            self.state = outer

    def _touched_by_text(self, method: Function, before: State) -> Touched:
        """What a method may do at most, for one of a class that is too large to be tried out."""
        names = self.settable_by(method)
        attributes = dict.fromkeys(assigned_attributes(method.node) if names is None else names, "several")
        return {identity for identity, _ in before.all(Network)}, attributes, set()

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
        known = self.settable_by(method)
        return known is None or not known.isdisjoint(names)

    def settable_by(self, method: Function) -> frozenset[str] | None:
        """Attributes that the method may set, told from its text; None: any."""
        if method.owner is None:
            return None
        if method.node not in self.settable:
            self.settable[method.node] = may_set(method.owner, method)
        return self.settable[method.node]


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


def reads_of(method: Function) -> set[str]:
    """Attributes of `self` that the method mentions, or another method that it calls on the same object."""
    found: set[str] = set()
    pending = [method]
    seen = {id(method.node)}
    while pending:
        each = pending.pop()
        names = self_attributes(each.node)
        found |= names
        for name in names:
            member = each.owner.lookup(name) if each.owner is not None else None
            if isinstance(member, Function) and id(member.node) not in seen:
                seen.add(id(member.node))
                pending.append(member)
    return found


@lru_cache(maxsize=256)
def self_attributes(node: cst.FunctionDef | cst.Lambda) -> set[str]:
    """Names of the attributes of `self` that the function mentions."""
    if not isinstance(node, cst.FunctionDef):
        return set()
    parameters = (*node.params.posonly_params, *node.params.params)
    if not parameters:
        return set()
    receiver = parameters[0].name.value
    return {
        each.attr.value
        for each in walk(node.body)
        if type(each) is cst.Attribute and type(each.value) is cst.Name and each.value.value == receiver
    }
