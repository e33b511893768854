"""Runs a source abstractly: module code first, then what nobody in the source calls."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api.names import FLAT, package
from peftlint.semantics.api.stars import offering
from peftlint.semantics.effects.lightning import hook_returned
from peftlint.semantics.events import NameUsed
from peftlint.semantics.importing import Imports
from peftlint.semantics.joining import joined
from peftlint.semantics.paths import GivenUp
from peftlint.semantics.state import ATTRIBUTE_FRAME, MODULE_FRAME, State, canonical_name
from peftlint.semantics.trials import Seen, Touched, Trial
from peftlint.semantics.values import (
    NONE,
    Class,
    Constant,
    Function,
    Library,
    Reference,
    Symbol,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from peftlint.semantics.paths import Outcome
    from peftlint.semantics.project import Project
    from peftlint.semantics.records import Record
    from peftlint.semantics.syntax import Syntax
    from peftlint.targets import Targets

_BUILTINS = frozenset(dir(builtins))


class Interpreter(Imports):
    """One source's abstract run. `events` then holds all that happened, in the order in which it was run."""

    def __init__(self, syntax: Syntax, targets: Targets, project: Project | None = None) -> None:
        super().__init__(syntax, targets)
        self.project = project
        self.out_of_stack = False
        self.inside_library = project is not None and package(project.package_of(syntax.path)) in FLAT
        self.followed: dict[cst.CSTNode, int] = {}
        #: functions of other files that were followed, with the outermost calls that led there
        self.called_elsewhere: dict[cst.CSTNode, set[cst.CSTNode]] = {}
        #: calls of methods on something that `MethodCalled` does not tell of, with entries and calls that led there
        self.called_on_others: dict[cst.CSTNode, set[tuple[str, tuple[cst.CSTNode, ...]]]] = {}
        #: keys of the symbols that stand for what functions are given from outside
        self.parameters: dict[str, cst.CSTNode] = {}
        self.suspended: list[State] = []
        self.global_names: dict[int, set[str]] = {}
        self.nonlocal_frames: dict[tuple[int, str], int] = {}
        self.frame_parents: dict[int, int] = {}
        self.frame_modules: dict[int, int] = {MODULE_FRAME: MODULE_FRAME}
        self.stars: dict[int, list[str]] = {}
        #: frames of modules that import everything of what is not read
        self.unread_stars: set[int] = set()
        self.owners: dict[cst.CSTNode, Class] = {}
        self.factories: dict[str, str] = {}
        self.classes: list[Class] = []
        self.functions: list[Function] = []
        self._collected: set[cst.CSTNode] = set()
        self.modules: dict[str, int] = {}
        self.module_ends: dict[str, tuple[dict[int, dict[str, Value]], dict[int, Record]]] = {}
        self.module_syntax: dict[int, Syntax] = {MODULE_FRAME: syntax}
        self.closure_ends: dict[int, tuple[State, ...]] = {}
        self.defined_in: dict[cst.CSTNode, State] = {}
        self.handed_out: dict[int, set[int]] = {}
        self.beside: dict[tuple[cst.CSTNode, State], dict[int, bool]] = {}
        self.method_ends: dict[cst.CSTNode, list[State]] = {}
        self.touches: dict[tuple[cst.CSTNode, State], Touched] = {}
        self.trials: dict[tuple[cst.CSTNode, State], Trial] = {}
        self.settable: dict[cst.CSTNode, frozenset[str] | None] = {}
        self.probed = 0
        self.seen: dict[cst.CSTNode, list[Seen]] = {}

    def run(self) -> None:
        """Runs everything; stops where the bounds are hit (`truncated`), or Python's own (`out_of_stack`)."""
        try:
            ends = self._run_module()
            self._run_uncalled(ends)
        except GivenUp:
            self.truncated = True
        except RecursionError:
            self.truncated = self.out_of_stack = True

    def _run_module(self) -> list[State]:
        flow = self.statements(self.syntax.module.body, [self.state])
        ends = flow.normal + flow.raises + [outcome.state for outcome in flow.returns]
        ends = joined(ends, self.breadth) if flow.normal else ends[:1]
        return (flow.normal or ends)[:4] or [self.state]

    def _run_uncalled(self, ends: list[State]) -> None:
        self.run_functions(ends)
        # running one may define others
        position = 0
        while position < len(self.classes):
            cls = self.classes[position]
            position += 1
            if cls.syntax is not self.syntax:
                continue
            # a class inside a function that nobody calls lives in that function's world
            around = next(
                (self.closure_ends.get(m.frame) for m in cls.members.values() if isinstance(m, Function)),
                None,
            )
            self.run_class(cls, list(around or ends)[:1])
        self.run_nested(ends)

    def worth_entering(self, function: Function, states: list[State]) -> bool:
        """Can a function that nobody calls say anything: does it mention PEFT, or variables that hold models?"""
        relevance = function.syntax.relevance
        if relevance.strong(function.node):
            return True
        self.state = states[0]
        return self.uses_mattering_globals(function)

    def run_entry(self, function: Function, receiver: list[Value], states: list[State]) -> list[State]:
        """A function that is called from outside: its parameters are symbols (or what annotations say)."""
        from peftlint.semantics.calls import Argument

        node = cst.Call(func=cst.Name(function.name if function.name.isidentifier() else "function"))
        name = f"{function.owner.name}.{function.name}" if function.owner else function.name
        arguments = [Argument(value) for value in receiver] + [Argument(Symbol(f"given to {name}"), star="*")]
        ends: list[State] = []
        for state in self._where_set(function, states):
            fork = state.fork()
            fork.guards = ()
            failing = any(decorator.rpartition(".")[2] == "xfail" for decorator in function.decorators)
            with self.surroundings(
                entry=name, stack=(), loops=(), handled=(), functions=(), expected_failure=failing
            ):
                outer, outer_syntax = self.syntax, function.syntax
                self.syntax = outer_syntax

                def action() -> Value:
                    if self._generates(function):
                        with self.surroundings(yields=self._suspend):
                            return self.follow_now(function, arguments, node)
                    value = self.follow_now(function, arguments, node)
                    hook_returned(self, function, value)
                    return value

                try:
                    outcomes, _ = self.attempt(fork, action)
                finally:
                    self.syntax = outer
            ends += [outcome.state for outcome in outcomes]
            self.note_handed_out(function, outcomes)
            self._hand_out_losses(function, name, outcomes)
        ends = joined(ends, 3)
        self.note_closures(states, ends)
        return ends

    def _hand_out_losses(self, function: Function, entry: str, outcomes: list[Outcome[Value]]) -> None:
        if not isinstance(function.node, cst.FunctionDef):
            return
        from peftlint.semantics.effects.training import hand_out_loss

        outer, outer_syntax, self.syntax = self.state, self.syntax, function.syntax
        with self.surroundings(entry=entry, stack=(), loops=(), handled=(), functions=()):
            for outcome in outcomes:
                self.state = outcome.state
                hand_out_loss(self, function.node.name, outcome.result)
        self.state, self.syntax = outer, outer_syntax

    def _where_set(self, function: Function, states: list[State]) -> list[State]:
        """Without the states in which a variable of the module is missing that the function reads: it fails there."""
        names = function.syntax.relevance.names(function.node) if len(states) > 1 else None
        if names is None:
            return states
        module = self.module_of(function)
        bound = [names & state.frames.get(module, {}).keys() for state in states]
        most = frozenset().union(*bound)
        return [s for s, mine in zip(states, bound, strict=True) if mine == most] or states

    def _suspend(self, value: Value) -> None:
        self.suspended.append(self.state.fork())

    def _generates(self, function: Function) -> bool:
        return function.syntax.relevance.yields(function.node)

    # -- names

    def lookup(self, name: str) -> Value:
        """What a name stands for in the current function."""
        name = canonical_name(name)
        frame: int | None = self.where.frame
        frames = self.state.frames
        while frame is not None:
            variables = frames.get(frame)
            if variables is not None and name in variables:
                return self._promoted(variables[name])
            frame = self.frame_parents.get(frame)
        module = frames.get(self.where.module_frame, {})
        if name in module:
            return self._promoted(module[name])
        if name == "__name__":
            return Constant("__main__") if self.where.module_frame == MODULE_FRAME else Constant("imported")
        if name in _BUILTINS:
            return Library(f"builtins.{name}")
        if stars := self.stars.get(self.where.module_frame):
            return self.library(f"{offering(stars, name)}.{name}")
        return Symbol(f"global:{name}")

    def note_starred(self, node: cst.CSTNode, name: str) -> None:
        """Notes a name that can only come from `from library import *`."""
        name = canonical_name(name)
        frame: int | None = self.where.frame
        module = self.where.module_frame
        while frame is not None:
            if name in self.state.frames.get(frame, {}):
                return
            frame = self.frame_parents.get(frame)
        libraries = self.stars.get(module, [])
        if libraries and module not in self.unread_stars and name not in self.state.frames.get(module, {}):
            if name not in _BUILTINS:
                path = f"{offering(libraries, name)}.{name}"
                self.emit(NameUsed(node=node, syntax=self.syntax, path=path))

    def _promoted(self, value: Value) -> Value:
        """A symbol that has turned out to be a model is that model from then on."""
        if isinstance(value, Symbol):
            found = self.state.frames[ATTRIBUTE_FRAME].get(f"promoted:{value.key}")
            if found is not None:
                return found
            if value.key.startswith("import:"):
                return self.resolve_import(value)
        elif self.nullable and isinstance(value, Reference) and value.id in self.nullable:
            return NONE if self.state.assumed(key_of(value)) is False else value
        return value

    def attribute(self, value: Value, name: str) -> Value:
        return self._promoted(super().attribute(value, name))

    def new_frame(self, function: Function) -> int:
        frame = self.new_id()
        self.frame_parents[frame] = function.frame
        self.frame_modules[frame] = self.frame_modules.get(function.frame, MODULE_FRAME)
        return frame

    def module_of(self, function: Function) -> int:
        return self.frame_modules.get(function.frame, MODULE_FRAME)

    def make_function(self, node: cst.FunctionDef, owner: Class | None) -> Value:
        made = super().make_function(node, owner)
        if owner is None and self.where.frame != self.where.module_frame:
            self.defined_in[node] = self.state.fork()
        if owner is not None:
            self.owners[node] = owner
        if isinstance(made, Function) and node not in self._collected:
            self._collected.add(node)
            self.functions.append(
                Function(
                    node.name.value,
                    node,
                    made.frame if made.node is node else self.where.frame,
                    self.syntax,
                    made.defaults if made.node is node else {},
                    owner,
                    made.decorators if made.node is node else (),
                )
            )
        return made


__all__ = ["Interpreter", "Reference"]
