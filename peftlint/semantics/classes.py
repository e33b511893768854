"""Classes of the program: their definition, and their methods when nobody in the source calls them.

`__init__` comes first. A method that nobody calls is run on an object as `__init__` leaves it, except that
models which other methods change are uncertain, and attributes that exactly one other method sets are set by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from peftlint.semantics.core import METHOD_LIMIT, Diverges
from peftlint.semantics.events import AdapterDeleted, AdaptersDisabled, Escaped, Event, HandedOut, Merged
from peftlint.semantics.records import TYPESTATE, Instance, Network, Wrapper, alters, only_switches
from peftlint.semantics.relevance import TOUCHING
from peftlint.semantics.setters import may_set, targets_of
from peftlint.semantics.state import MODULE_FRAME, State
from peftlint.semantics.statements import Statements
from peftlint.semantics.values import Class, Constant, Function, Library, Reference, Sequence, Symbol, Value
from peftlint.semantics.walk import walk

_RECORD_BASES = ("typing.NamedTuple", "pydantic.BaseModel", "typing.TypedDict")
#: how many methods may be run before one to set the attributes that it reads
MAX_CHAIN = 3

#: methods that prepare the object of a test
_BEFORE_TESTS = ("setUpClass", "setup_class", "setUp", "asyncSetUp", "setup_method")

#: events after which an adapter may be out of the layers
_TAKING_OUT = (Merged, AdapterDeleted, AdaptersDisabled, Escaped)

#: models that a method changes, and attributes of the object that it sets, with the kind of what it leaves in them
Touched = tuple[set[int], dict[str, str], set[int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a method did that was run from a state to see what it sets: not part of the program's story yet."""

    ends: list[State]
    events: list[Event]
    followed: dict[cst.CSTNode, int]
    closures: dict[int, tuple[State, ...]]


class Classes(Statements):
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

    def define_class(self, node: cst.ClassDef) -> Class:
        bases = tuple(self.evaluate(base.value) for base in node.bases if not base.star)
        members: dict[str, Value] = {}
        decorators = [self._decorator_name(d.decorator) for d in node.decorators]
        fields: list[str] = []
        inherited = [base.fields for base in bases if isinstance(base, Class)]
        is_record = any(d.rpartition(".")[2] in ("dataclass", "define", "attrs") for d in decorators) or any(
            isinstance(base, Library) and base.name in _RECORD_BASES for base in bases
        )
        for each in inherited:
            fields.extend(name for name in each if name not in fields)
        cls = Class(node.name.value, node, bases, members, self.syntax, ())
        for statement in node.body.body:
            self._class_statement(statement, cls, members, fields if is_record else [])
        if is_record or any(inherited):
            cls = Class(cls.name, node, bases, members, self.syntax, tuple(fields))
            for name, member in list(members.items()):
                if isinstance(member, Function):
                    members[name] = Function(
                        member.name,
                        member.node,
                        member.frame,
                        member.syntax,
                        member.defaults,
                        cls,
                        member.decorators,
                    )
                    self.owners[member.node] = cls
        if not any(known.node is node for known in self.classes):
            self.classes.append(cls)
        return cls

    def _class_statement(
        self, statement: cst.CSTNode, cls: Class, members: dict[str, Value], fields: list[str]
    ) -> None:
        match statement:
            case cst.FunctionDef(name=cst.Name(value=name)):
                made = self.make_function(statement, cls)
                if not (
                    isinstance(made, Function)
                    and any(d.endswith((".setter", ".deleter")) for d in made.decorators)
                ):
                    members[name] = made
            case cst.SimpleStatementLine(body=small):
                for each in small:
                    self._class_assignment(each, members, fields)
            case cst.If(body=body):
                for inner in body.body:
                    self._class_statement(inner, cls, members, fields)

    def _class_assignment(self, node: cst.CSTNode, members: dict[str, Value], fields: list[str]) -> None:
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                members[name] = self._quietly(value)
            case cst.AnnAssign(target=cst.Name(value=name), value=value):
                if name not in fields:
                    fields.append(name)
                if value is not None:
                    members[name] = self._quietly(value)

    def _quietly(self, node: cst.BaseExpression) -> Value:
        try:
            return self.evaluate(node)
        except Diverges:
            return self.fresh("class attribute")

    # -- methods that nobody calls

    def run_class(self, cls: Class, states: list[State]) -> None:
        """Runs the methods that the source itself does not call."""
        methods = [m for m in cls.every_member() if isinstance(m, Function) and m.owner is not None]
        waiting = [m for m in methods if m.node not in self.followed and m.name != "__init__"]
        initializer = cls.lookup("__init__")
        if not waiting and (not isinstance(initializer, Function) or initializer.node in self.followed):
            return
        if not cls.members and not cls.fields:
            # all that it has it inherits: that is run where it is written
            return
        own = [m for m in (*methods, initializer) if isinstance(m, Function)]
        if not any(m.syntax.relevance.strong(m.node) for m in own):
            return
        instance, begun = self._object(cls, initializer, states)
        if not begun:
            return
        strong = {name for m in own if m.syntax.relevance.strong(m.node) for name in _self_attributes(m.node)}
        for method in (m for name in _BEFORE_TESTS for m in waiting if m.name == name):
            # unittest and pytest run these in this order, before each test
            begun = self.run_entry(method, self._arguments_of(method, instance), begun) or begun
        waiting = [m for m in waiting if m.name not in _BEFORE_TESTS]
        # methods that were run on an object of the class that they are inherited from are there for this one too
        inherited = [
            m
            for m in methods
            if m.node in self.method_ends and m not in waiting and m.name not in ("__init__", *_BEFORE_TESTS)
        ]
        callable = waiting + inherited
        for method in waiting:
            # a method that neither mentions PEFT nor touches what such methods use cannot matter
            if not method.syntax.relevance.strong(method.node) and not _reads(method) & strong:
                continue
            self._run_method(method, instance, begun, callable, 0)
        for method in waiting:
            self._put_back(method, instance, begun[0], waiting)
        self.trials.clear()
        self.touches.clear()

    def _put_back(self, method: Function, instance: Reference, begun: State, waiting: list[Function]) -> None:
        """What the method puts in the place of a wrapper that another method left in an attribute.

        In which order the two are called is not known, so nothing but that is noted: the model is uncertain.
        """
        assigned = _assigned_attributes(method.node)
        for setter in waiting:
            # only a method that mentions PEFT leaves a wrapper, and only in what it sets
            if setter is method or not (assigned and setter.syntax.relevance.strong(setter.node)):
                continue
            if not self._sets(setter, assigned):
                continue
            left = self._touched(setter, instance, begun)[1]
            if not any(left.get(name) == Wrapper.__name__ for name in assigned):
                continue
            for end in self.method_ends.get(setter.node, [])[:1]:
                state = end.fork()
                outer, self.state = self.state, state
                self.forget([i for i, record in state.heap.items() if isinstance(record, Network)])
                self.state = outer
                count = len(self.events)
                self.run_entry(method, self._arguments_of(method, instance), [state])
                made = self.events[count:]
                taken_out = any(isinstance(event, _TAKING_OUT) for event in made)
                self.events[count:] = [e for e in made if isinstance(e, HandedOut) and not taken_out]

    def _object(
        self, cls: Class, initializer: Value | None, states: list[State]
    ) -> tuple[Reference, list[State]]:
        state = states[0].fork()
        outer, self.state = self.state, state
        instance = self.make(Instance(cls))
        from peftlint.semantics.api import tables

        tables.adopt_library_bases(
            self.whole, cls, instance, self.unbound(cst.Call(func=cst.Name(cls.name)), None, [], False)
        )
        if cls.fields and not isinstance(initializer, Function):
            for name in cls.fields:
                self.set_attribute(instance, name, Symbol(f"#{instance.id}.{name}"))
        self.state = outer
        if isinstance(initializer, Function) and initializer.node not in self.followed:
            return instance, self._run_from_outside(initializer, instance, [state])
        if isinstance(initializer, Function):
            # its events were seen where the source made the object; here only its state is wanted
            return instance, self._probe(initializer, instance, state)
        return instance, [state]

    def _arguments_of(self, method: Function, instance: Reference) -> list[Value]:
        if "staticmethod" in method.decorators:
            return []
        if method.name in ("setUpClass", "setup_class"):
            # what it puts on the class, every test finds on its object
            return [instance]
        if "classmethod" in method.decorators:
            return [method.owner] if method.owner is not None else []
        return [instance]

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
        return bool(_assigned_attributes(method.node)) or relevance.mentions(method.node, held)

    def _sets(self, method: Function, names: set[str] | frozenset[str]) -> bool:
        """Might the method set one of these attributes of its object?"""
        if method.owner is None:
            return True
        if method.node not in self.settable:
            self.settable[method.node] = may_set(method.owner, method)
        known = self.settable[method.node]
        return known is None or not known.isdisjoint(names)

    def _run_method(
        self, method: Function, instance: Reference, begun: list[State], waiting: list[Function], depth: int
    ) -> None:
        """Runs a method from outside, after the methods that set what it reads."""
        if method.node in self.followed or method.node in self.method_ends:
            return
        self.method_ends[method.node] = []
        # tests do not see each other's objects: each gets one of its own
        setters = [m for m in waiting if not m.name.startswith("test")]
        others = [m for m in setters if m is not method]
        reads = _reads(method)
        states = self._after_setters(method, instance, begun, setters, reads, depth)
        prepared: list[State] = []
        for state in states:
            fork = state.fork()
            changing = bool(state.all(Network))
            effects = {
                o.name: self._touched(o, instance, state) for o in others if changing or self._sets(o, reads)
            }
            outer, self.state = self.state, fork
            for networks, _, switched in effects.values():
                self.forget(i for i in networks if i in fork.heap)
                self.reactivate(i for i in switched if i in fork.heap)
            sets = [names for _, names, _ in effects.values()]
            if any(not reads.isdisjoint(names) for names in sets):
                # what the method itself makes where nobody did before (a lazy property) is known in its first run
                own = {
                    name
                    for name in self._touched(method, instance, state)[1]
                    if (record := begun[0].get(instance, Instance)) is not None
                    and not self._is_set(record.attribute(name))
                }
                self._open_attributes(instance, fork, begun[0], reads - own, sets)
            self.state = outer
            prepared.append(fork)
        trial = self.trials.pop((method.node, states[0]), None) if len(states) == 1 else None
        if trial is not None and prepared[0].heap is states[0].heap:
            self.method_ends[method.node] = self._repeat(trial)
            return
        self.method_ends[method.node] = self._run_from_outside(method, instance, prepared)

    def _run_from_outside(self, method: Function, instance: Reference, states: list[State]) -> list[State]:
        outer, self.allowed = self.allowed, min(self.steps + METHOD_LIMIT, self.allowed)
        try:
            return self.run_entry(method, self._arguments_of(method, instance), states)
        finally:
            self.allowed = outer

    def _open_attributes(
        self, instance: Reference, state: State, begun: State, reads: set[str], sets: list[dict[str, str]]
    ) -> None:
        """Attributes that may hold one thing or another, depending on what was called before."""
        record, initial = state.get(instance, Instance), begun.get(instance, Instance)
        if record is None or initial is None:
            return
        for name in sorted(reads):
            by = sum(1 for names in sets if name in names)
            value = record.attribute(name)
            if not by or (by == 1 and not self._is_set(initial.attribute(name)) and value is not None):
                continue
            network = self.network_id(value)
            if network is not None:
                self.forget([network])
                kinds = {names[name] for names in sets if name in names}
                if kinds == {type(state.record(value)).__name__}:
                    # whichever method came before, it is a model of this kind
                    continue
            self.set_attribute(instance, name, Symbol(f"#{instance.id}.{name}?"))

    def _is_set(self, value: Value | None) -> bool:
        return value is not None and value not in (
            Constant(None),
            Constant(False),
            Constant(""),
            Sequence(()),
        )

    def _after_setters(
        self,
        method: Function,
        instance: Reference,
        begun: list[State],
        setters: list[Function],
        reads: set[str],
        depth: int,
    ) -> list[State]:
        """States in which the attributes that only one other method sets have been set by it."""
        states = begun
        for name in sorted(reads):
            current = states[0].get(instance, Instance)
            if current is None or self._is_set(current.attribute(name)) or depth >= MAX_CHAIN:
                continue
            by = [
                m
                for m in setters
                if self._sets(m, {name}) and name in self._touched(m, instance, states[0])[1]
            ]
            if len(by) != 1 or by[0] is method:
                continue
            setter = by[0]
            self._run_method(setter, instance, begun, setters, depth + 1)
            ends = self.method_ends.get(setter.node) or states
            if instance.id not in ends[0].heap:
                # it was run on an object of another class: here only what it sets is wanted
                ends = self._probe(setter, instance, states[0]) or states
            states = ends
        return states[:2]


def _reads(method: Function) -> set[str]:
    """Attributes of `self` that the method mentions, or another method that it calls on the same object."""
    found: set[str] = set()
    pending = [method]
    seen = {id(method.node)}
    while pending:
        each = pending.pop()
        names = _self_attributes(each.node)
        found |= names
        for name in names:
            member = each.owner.lookup(name) if each.owner is not None else None
            if isinstance(member, Function) and id(member.node) not in seen:
                seen.add(id(member.node))
                pending.append(member)
    return found


@lru_cache(maxsize=256)
def _self_attributes(node: cst.FunctionDef | cst.Lambda) -> set[str]:
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


@lru_cache(maxsize=256)
def _assigned_attributes(node: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
    """Names of attributes of any object that the function assigns."""
    return frozenset(
        part.attr.value
        for each in walk(node.body)
        for target in targets_of(each)
        for part in walk(target)
        if type(part) is cst.Attribute
    )


__all__ = ["MODULE_FRAME", "Classes"]
