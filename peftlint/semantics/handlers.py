"""Functions of a module that nobody in the source calls: handlers of requests, start-up hooks, callbacks.

Variables of the module that exactly one of them sets to a model (`global model` in a start-up hook,
`MODELS["a"] = ...`) are set by it when the others run; models that a third one changes are uncertain then.
"""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from peftlint.semantics.classes import Classes
from peftlint.semantics.paths import FUNCTION_LIMIT, OWN_LIMIT
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

    def run_functions(self, ends: list[State]) -> None:
        """Runs the functions that the source itself does not call, those that set variables of the module first."""
        before = ends[:2]
        # those inside functions live in the worlds that these leave: see `nested`
        frame = self.where.module_frame
        mine = [f for f in self.functions if f.frame == frame]
        candidates = [f for f in mine if self._uncalled(f) and f.syntax.relevance.strong(f.node)]
        setters: dict[Definition, list[State]] = {}
        for function in candidates:
            if self._uncalled(function) and outer_names(function.node):
                self.suspended = []
                done = self._run_for_a_share(function, before, len(candidates) - 1)
                setters[function.node] = self.suspended[:2] or done
        sets = {
            function.node: self._set_by(function, before[0], setters[function.node])
            for function in candidates
            if function.node in setters
        }
        waiting = len(candidates)
        for function in self._callers_first(mine):
            if not self._uncalled(function) or function.node in setters:
                continue
            waiting -= function in candidates
            setter = self._setter_for(function, sets)
            if setter is not None:
                after = self._after(function, setter, setters[setter], sets[setter])
                self._run_for_a_share(function, after, waiting)
            elif self.worth_entering(function, ends):
                self._run_for_a_share(function, before, waiting)

    def _callers_first(self, functions: list[Function]) -> list[Function]:
        """In the order of the source, but what another of them mentions last: who calls it says what it is given."""
        mentioned = {
            name
            for function in functions
            for name in function.syntax.relevance.names(function.node) or ()
            if name != function.name
        }
        return sorted(functions, key=lambda function: function.name in mentioned)

    def _run_for_a_share(self, function: Function, states: list[State], waiting: int) -> list[State]:
        """Runs a function from outside; where others wait, half of what is left is left to them."""
        outer = self.allowed
        half = max(FUNCTION_LIMIT, (outer - self.steps) // 2)
        whole = half if waiting > 0 else outer - self.steps
        self.allowed = self.share(OWN_LIMIT if self.inside_library else whole)
        try:
            return self.run_entry(function, [], states)
        finally:
            self.allowed = outer

    def _uncalled(self, function: Function) -> bool:
        return (
            function.node not in self.followed and function.owner is None and function.syntax is self.syntax
        )

    def _set_by(self, function: Function, before: State, after: list[State]) -> set[str]:
        """Variables around the function that were nothing before and hold a model, or lead to one, after it."""
        return {
            name
            for name in outer_names(function.node)
            for frame in self._frames_around(function)
            if self._leads_nowhere(before, before.frames.get(frame, {}).get(name))
            and any(
                end.matters(value)
                for end in after
                if (value := end.frames.get(frame, {}).get(name)) is not None
            )
        }

    def _frames_around(self, function: Function) -> list[int]:
        """Those whose variables the function sees: of the functions around it, and of the module."""
        found: list[int] = []
        frame: int | None = function.frame
        while frame is not None and frame not in found:
            found.append(frame)
            frame = self.frame_parents.get(frame)
        return found if self.where.module_frame in found else [*found, self.where.module_frame]

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


_OUTWARD = SETTING | {cst.Global, cst.Nonlocal, cst.Call}


@lru_cache(maxsize=256)
def outer_names(node: Definition) -> frozenset[str]:
    """Names that the function declares global or nonlocal, and those whose items or attributes it sets, or that it fills.

    Its own variables are none of them.
    """
    declared: set[str] = set()
    filled: set[str] = set()
    own = {canonical_name(parameter.name.value) for parameter in _parameters(node)}
    for each in walk(node.body):
        # a pattern asks the abstract classes of libcst, which for most nodes takes longer than all the rest
        if type(each) not in _OUTWARD:
            continue
        match each:
            case cst.Global(names=names) | cst.Nonlocal(names=names):
                declared |= {canonical_name(item.name.value) for item in names}
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method))):
                if method in _FILLING:
                    filled.add(canonical_name(name))
            case _:
                for target in targets_of(each):
                    if isinstance(target, cst.Name):
                        own.add(canonical_name(target.value))
                    for part in walk(target):
                        match part:
                            case cst.Subscript(value=cst.Name(value=name)):
                                filled.add(canonical_name(name))
                            case cst.Attribute(value=cst.Name(value=name)):
                                filled.add(canonical_name(name))
    return frozenset(declared | (filled - own))


def _parameters(node: Definition) -> list[cst.Param]:
    parameters = node.params
    rest = [each for each in (parameters.star_arg, parameters.star_kwarg) if isinstance(each, cst.Param)]
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params, *rest]
