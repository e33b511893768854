"""Functions defined inside functions and methods that nobody calls: the handlers that `create_app` makes.

They are called some time between their definition and the end of the function around them, or after it: what changes in
between is uncertain. Variables around them that exactly one of them sets to a model (a `lifespan`, a start-up hook) are
set by it when the others run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import libcst as cst

from peftlint.semantics.handlers import Definition, Handlers, outer_names
from peftlint.semantics.paths import Outcome
from peftlint.semantics.records import TYPESTATE, alters
from peftlint.semantics.state import State
from peftlint.semantics.values import Function, Value


@dataclass
class _Setters:
    """The functions of one frame that set what others of it read: where each leaves the world, and what it sets."""

    ends: dict[Definition, list[State]] = field(default_factory=dict)
    sets: dict[Definition, set[str]] = field(default_factory=dict)


class Nested(Handlers):
    """Functions inside functions."""

    #: the ends of functions run from outside, by the frames that functions defined in them close over
    closure_ends: dict[int, tuple[State, ...]]
    #: the models that functions run from outside return, by the frames that functions defined in them close over
    handed_out: dict[int, set[int]]
    #: the world in which a function inside a function was defined
    defined_in: dict[cst.CSTNode, State]
    #: what functions inside a function change in the world that it leaves
    beside: dict[tuple[cst.CSTNode, State], dict[int, bool]]

    def note_closures(self, before: list[State], ends: list[State]) -> None:
        """Keeps the worlds in which functions live that were defined inside one that was run from outside, or one it calls."""
        for end in ends if before else ():
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
        """Runs the functions defined inside functions and methods that nobody calls."""
        known: dict[int, _Setters] = {}
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
            if not ends or not self._uncalled(function):
                continue
            if function.frame not in known:
                known[function.frame] = self._run_setters(function.frame, ends)
            setters = known[function.frame]
            if function.node in setters.ends:
                continue
            setter = self._setter_for(function, setters.sets)
            if setter is not None:
                after = self._prepared(function, setters.ends[setter], setter, setters.sets[setter])
                self.run_entry(function, [], after)
            elif self._worth_entering_nested(function, ends):
                self.run_entry(function, [], self._prepared(function, ends))

    def _run_setters(self, frame: int, ends: list[State]) -> _Setters:
        """Runs the functions of the frame that set variables around them, if others are there to see it."""
        found = _Setters()
        beside = [f for f in self.functions if f.frame == frame and self._uncalled(f)]
        for function in beside if len(beside) > 1 else ():
            if (
                not outer_names(function.node)
                or not function.syntax.relevance.strong(function.node)
                or not self._uncalled(function)
            ):
                continue
            self.suspended = []
            done = self.run_entry(function, [], self._prepared(function, ends))
            found.ends[function.node] = self.suspended[:2] or done
            found.sets[function.node] = self._set_by(function, ends[0], found.ends[function.node])
        return found

    def _prepared(
        self,
        function: Function,
        ends: list[State],
        setter: Definition | None = None,
        names: Collection[str] = (),
    ) -> list[State]:
        """The worlds in which the function may be called, of those that the one around it, or the setter, leaves."""
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
            beside, switched = self._changed_beside(function, end, setter, names)
            outer, self.state = self.state, fork
            self.forget(changed)
            self.forget(sorted((handed_out | beside) & fork.heap.keys()))
            self.reactivate(sorted(switched & fork.heap.keys()))
            self.state = outer
            prepared.append(fork)
        return prepared

    def _changed_beside(
        self, function: Function, end: State, setter: Definition | None, names: Collection[str]
    ) -> tuple[set[int], set[int]]:
        """What the other functions that share the variables may change before this one runs, and what they only switch."""
        changed: set[int] = set()
        switched: set[int] = set()
        variables = end.frames.get(function.frame, {})
        self.state = end
        shared = {name for name, value in variables.items() if self.matters(value)} | set(names)
        for other in self.functions if shared else ():
            if (
                other.frame != function.frame
                or other.node in (function.node, setter)
                or not self._is_nested(other)
            ):
                continue
            key = (other.node, end)
            if key not in self.beside:
                self.beside[key] = self._changed_by(other, end, shared)
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
