"""Functions of a module that nobody in the source calls: handlers of requests, start-up hooks, callbacks.

Variables of the module that exactly one of them sets to a model (`global model` in a start-up hook,
`MODELS["a"] = ...`) are set by it when the others run; models that a third one changes are uncertain then.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import libcst as cst

from peftlint.semantics.classes import Classes
from peftlint.semantics.paths import FUNCTION_LIMIT, Outcome
from peftlint.semantics.records import TYPESTATE, DictBox, Instance, ListBox, alters, only_switches
from peftlint.semantics.relevance import TOUCHING
from peftlint.semantics.setters import SETTING, targets_of
from peftlint.semantics.state import State, canonical_name
from peftlint.semantics.values import Constant, Function, Value
from peftlint.semantics.walk import walk

#: methods that put something into the container that they are called on
_FILLING = frozenset("append add extend insert setdefault update".split())

Definition = cst.FunctionDef | cst.Lambda


class Handlers(Classes):
    def worth_entering(self, function: Function, states: list[State]) -> bool:
        raise NotImplementedError

    #: states at the yields of the entry that is run now (a `lifespan` sets things up before its yield)
    suspended: list[State]
    #: the ends of functions run from outside, by the frames that functions defined in them close over
    closure_ends: dict[int, tuple[State, ...]]
    #: the models that functions run from outside return, by the frames that functions defined in them close over
    handed_out: dict[int, set[int]]
    #: the world in which a function inside a function was defined
    defined_in: dict[cst.CSTNode, State]
    #: what functions inside a function change in the world that it leaves
    beside: dict[tuple[cst.CSTNode, State], dict[int, bool]]

    def run_functions(self, ends: list[State]) -> None:
        """Runs the functions that the source itself does not call, those that set variables of the module first."""
        before = ends[:2]
        candidates = [f for f in self.functions if self._uncalled(f) and f.syntax.relevance.strong(f.node)]
        setters: dict[Definition, list[State]] = {}
        for function in candidates:
            if self._uncalled(function) and _outer_names(function.node):
                self.suspended = []
                done = self._run_for_a_share(function, before, len(candidates) - 1)
                setters[function.node] = self.suspended[:2] or done
        sets = {
            function.node: self._set_by(function, before[0], setters[function.node])
            for function in candidates
            if function.node in setters
        }
        waiting = len(candidates)
        for function in list(self.functions):
            if not self._uncalled(function) or function.node in setters:
                continue
            waiting -= function in candidates
            setter = self._setter_for(function, sets)
            if setter is not None:
                after = self._after(function, setter, setters[setter], sets[setter])
                self._run_for_a_share(function, after, waiting)
            elif self.worth_entering(function, ends):
                self._run_for_a_share(function, before, waiting)

    def _run_for_a_share(self, function: Function, states: list[State], waiting: int) -> list[State]:
        """Runs a function from outside; where others wait, half of what is left is left to them."""
        outer = self.allowed
        if waiting > 0:
            share = max(FUNCTION_LIMIT, (outer - self.steps) // 2)
            self.allowed = min(outer, self.steps + share)
        try:
            return self.run_entry(function, [], states)
        finally:
            self.allowed = outer

    def note_closures(self, function: Function, before: list[State], ends: list[State]) -> None:
        """Keeps the worlds in which functions live that were defined inside the one that was run from outside."""
        if before and function.syntax.relevance.makes_closures(function.node):
            for end in ends:
                for frame in end.frames.keys() - before[0].frames.keys():
                    self.closure_ends[frame] = (*self.closure_ends.get(frame, ()), end)

    def note_handed_out(self, function: Function, outcomes: Iterable[Outcome[Value]]) -> None:
        """Keeps which models the caller gets besides the functions that close over them: it may do anything to them."""
        if not function.syntax.relevance.makes_closures(function.node):
            return
        outer = self.state
        for outcome in outcomes:
            self.state = outcome.state
            networks = self.networks_in(outcome.result)
            for frame in outcome.state.frames if networks else ():
                self.handed_out.setdefault(frame, set()).update(networks)
        self.state = outer

    def run_nested(self, module_ends: list[State]) -> None:
        """Runs the functions defined inside functions and methods that nobody calls (handlers made by `create_app`).

        They are called some time between their definition and the end of the function around them, or after it:
        what changes in between is uncertain.
        """
        position = 0
        while position < len(self.functions):
            function = self.functions[position]
            position += 1
            # the function around it was run from outside, or called by the module itself
            ends = list(self.closure_ends.get(function.frame, ())) or [
                end
                for end in module_ends
                if function.frame != self.where.module_frame and function.frame in end.frames
            ]
            if not ends or not self._uncalled(function) or not self._worth_entering_nested(function, ends):
                continue
            begun = self.defined_in.get(function.node)
            prepared: list[State] = []
            for end in ends[:2]:
                fork = end.fork()
                known = begun.heap if begun is not None else {}
                changed = [
                    identity
                    for identity, record in fork.heap.items()
                    if isinstance(record, TYPESTATE) and identity in known and alters(known[identity], record)
                ]
                handed_out = self.handed_out.get(function.frame, set())
                beside, switched = self._changed_beside(function, end)
                outer, self.state = self.state, fork
                self.forget(changed)
                self.forget(sorted((handed_out | beside) & fork.heap.keys()))
                self.reactivate(sorted(switched & fork.heap.keys()))
                self.state = outer
                prepared.append(fork)
            self.run_entry(function, [], prepared)

    def _changed_beside(self, function: Function, end: State) -> tuple[set[int], set[int]]:
        """What the other functions that share the variables may change before this one runs, and what they only switch.

        The handlers of `create_app` are called in any order.
        """
        changed: set[int] = set()
        switched: set[int] = set()
        variables = end.frames.get(function.frame, {})
        self.state = end
        names = {name for name, value in variables.items() if self.matters(value)}
        for other in self.functions if names else ():
            if other.frame != function.frame or other.node is function.node or not self._is_nested(other):
                continue
            key = (other.node, end)
            if key not in self.beside:
                self.beside[key] = self._changed_by(other, end, names)
            for identity, only_switched in self.beside[key].items():
                (switched if only_switched else changed).add(identity)
        return changed, switched - changed

    def _is_nested(self, function: Function) -> bool:
        return function.owner is None and function.syntax is self.syntax

    def _worth_entering_nested(self, function: Function, ends: list[State]) -> bool:
        if self.worth_entering(function, ends):
            return True
        self.state = ends[0]
        return self.uses_mattering_globals(function, function.frame)

    def _uncalled(self, function: Function) -> bool:
        return (
            function.node not in self.followed and function.owner is None and function.syntax is self.syntax
        )

    def _set_by(self, function: Function, before: State, after: list[State]) -> set[str]:
        """Variables of the module that were nothing before and hold a model, or lead to one, after the function."""
        frame = self.where.module_frame
        found: set[str] = set()
        for name in _outer_names(function.node):
            old = before.frames.get(frame, {}).get(name)
            if self._leads_nowhere(before, old) and any(
                end.matters(value)
                for end in after
                if (value := end.frames.get(frame, {}).get(name)) is not None
            ):
                found.add(name)
        return found

    def _leads_nowhere(self, state: State, value: Value | None) -> bool:
        if value is None or isinstance(value, Constant):
            return True
        record = state.record(value)
        return isinstance(record, DictBox | ListBox | Instance) and not state.matters(value)

    def _setter_for(self, function: Function, sets: dict[Definition, set[str]]) -> Definition | None:
        """The one function that sets what this one reads."""
        relevance = function.syntax.relevance
        by = [node for node, names in sets.items() if names and relevance.mentions(function.node, names)]
        return by[0] if len(by) == 1 else None

    def _after(
        self, function: Function, setter: Definition, ends: list[State], names: set[str]
    ) -> list[State]:
        """The states that the setter leaves; what any third function changes may be changed."""
        prepared: list[State] = []
        for end in ends[:2]:
            fork = end.fork()
            changed: set[int] = set()
            switched: set[int] = set()
            for other in self.functions:
                if (
                    other.owner is None
                    and other.syntax is self.syntax
                    and other.node not in (function.node, setter)
                ):
                    for identity, only_switched in self._changed_by(other, fork, names).items():
                        (switched if only_switched else changed).add(identity)
            outer, self.state = self.state, fork
            self.forget(sorted(i for i in changed if i in fork.heap))
            self.reactivate(sorted(i for i in switched - changed if i in fork.heap))
            self.state = outer
            prepared.append(fork)
        return prepared

    def _changed_by(self, function: Function, before: State, names: set[str]) -> dict[int, bool]:
        """The records that the function changes; is each only made to run other adapters?"""
        relevance = function.syntax.relevance
        if not relevance.mentions(function.node, names):
            return {}
        if not relevance.strong(function.node) and not relevance.mentions(function.node, TOUCHING):
            return {}
        count, followed, closures = len(self.events), dict(self.followed), dict(self.closure_ends)
        ends = self.run_entry(function, [], [before])
        del self.events[count:]
        self.followed, self.closure_ends = followed, closures
        found: dict[int, bool] = {}
        for end in ends:
            for identity, record in before.heap.items():
                after = end.heap.get(identity)
                if isinstance(record, TYPESTATE) and alters(record, after):
                    found[identity] = found.get(identity, True) and only_switches(record, after)
        return found


_OUTWARD = SETTING | {cst.Global, cst.Call}


@lru_cache(maxsize=256)
def _outer_names(node: Definition) -> frozenset[str]:
    """Names that the function declares global, and those whose items or attributes it sets, or that it fills."""
    found: set[str] = set()
    for each in walk(node.body):
        # a pattern asks the abstract classes of libcst, which for most nodes takes longer than all the rest
        if type(each) not in _OUTWARD:
            continue
        match each:
            case cst.Global(names=names):
                found |= {canonical_name(item.name.value) for item in names}
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method))):
                if method in _FILLING:
                    found.add(canonical_name(name))
            case _:
                for target in targets_of(each):
                    for part in walk(target):
                        match part:
                            case cst.Subscript(value=cst.Name(value=name)):
                                found.add(canonical_name(name))
                            case cst.Attribute(value=cst.Name(value=name)):
                                found.add(canonical_name(name))
    return frozenset(found)
