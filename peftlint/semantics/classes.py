"""The methods of the program's classes, when nobody in the source calls them.

`__init__` comes first. A method that nobody calls is run on an object as `__init__` leaves it, except that
models which other methods change are uncertain, and attributes that exactly one other method sets are set by it.
"""

from __future__ import annotations

import libcst as cst

from peftlint.semantics.events import AdapterDeleted, AdaptersDisabled, Escaped, HandedOut, Merged
from peftlint.semantics.records import Instance, Network, Wrapper
from peftlint.semantics.state import MODULE_FRAME, State
from peftlint.semantics.trials import Trials, assigned_attributes, reads_of, self_attributes
from peftlint.semantics.values import Class, Constant, Function, Reference, Sequence, Symbol, Value

#: how many methods may be run before one to set the attributes that it reads
MAX_CHAIN = 3

#: methods that prepare the object of a test
_BEFORE_TESTS = ("setUpClass", "setup_class", "setUp", "asyncSetUp", "setup_method")

#: events after which an adapter may be out of the layers
_TAKING_OUT = (Merged, AdapterDeleted, AdaptersDisabled, Escaped)


class Classes(Trials):
    def run_class(self, cls: Class, states: list[State]) -> None:
        """Runs the methods that the source itself does not call."""
        methods = _concerned(cls)
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
        self.probed = 0
        instance, begun = self._object(cls, initializer, states)
        if not begun:
            return
        strong = {name for m in own if m.syntax.relevance.strong(m.node) for name in self_attributes(m.node)}
        for method in (m for name in _BEFORE_TESTS for m in waiting if m.name == name):
            # unittest and pytest run these in this order, before each test
            begun = self.run_entry(method, self._arguments_of(method, instance), begun) or begun
        waiting = [m for m in waiting if m.name not in _BEFORE_TESTS]
        # methods that the source calls may be called before by others as well; those that were run on an object of the
        # class that they are inherited from are there for this one too
        called = [m for m in methods if m not in waiting and m.name not in ("__init__", *_BEFORE_TESTS)]
        callable = waiting + called
        for method in waiting:
            # a method that neither mentions PEFT nor touches what such methods use cannot matter
            if not method.syntax.relevance.strong(method.node) and not reads_of(method) & strong:
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
        assigned = assigned_attributes(method.node)
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
        if isinstance(initializer, Function) and (
            initializer.node not in self.followed or self._calls_unseen(initializer, cls)
        ):
            return instance, self._run_from_outside(initializer, instance, [state])
        if isinstance(initializer, Function):
            # its events were seen where the source made the object; here only its state is wanted
            return instance, self._probe(initializer, instance, state)
        return instance, [state]

    def _calls_unseen(self, initializer: Function, cls: Class) -> bool:
        """Was the initializer run for another class only, and calls methods that this one has instead?"""
        members = (cls.members.get(name) for name in reads_of(initializer))
        return any(isinstance(m, Function) and m.node not in self.followed for m in members)

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
        reads = reads_of(method)
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
            ends = self.method_ends.get(setter.node, [])
            if not ends or instance.id not in ends[0].heap:
                # it was run on another object: here only what it sets is wanted
                ends = self._probe(setter, instance, states[0]) or states
            states = ends
        return states[:2]


def _concerned(cls: Class) -> list[Function]:
    """The class's methods; of those that it inherits from other files, which are run where they are written, the ones that
    read what its own methods set or do, or set what they read.
    """
    methods = [m for m in cls.every_member() if isinstance(m, Function) and m.owner is not None]
    own = [m for m in methods if m.syntax is cls.syntax]
    if len(own) == len(methods):
        return methods
    sets = {name for m in own for name in assigned_attributes(m.node)}
    sets |= {m.name for m in own if m.syntax.relevance.strong(m.node)}
    reads = {name for m in own for name in self_attributes(m.node)}
    return [
        m
        for m in methods
        if m.syntax is cls.syntax
        or not sets.isdisjoint(self_attributes(m.node))
        or not reads.isdisjoint(assigned_attributes(m.node))
    ]


__all__ = ["MODULE_FRAME", "Classes"]
