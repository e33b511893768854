"""Functions of the program: which calls are followed, and how their parameters are bound."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.arguments import Argument
from peftlint.semantics.memoising import is_model, memo_key
from peftlint.semantics.paths import MAX_DEPTH, Outcome
from peftlint.semantics.records import (
    Context,
    DictBox,
    Instance,
    ListBox,
)
from peftlint.semantics.setters import gives_another_class
from peftlint.semantics.state import ATTRIBUTE_FRAME, MODULE_FRAME, canonical_name
from peftlint.semantics.values import (
    NONE,
    BoundLibrary,
    BoundMethod,
    Constant,
    Function,
    Partial,
    Reference,
    Sequence,
    Symbol,
    Value,
    sources_of,
)

if TYPE_CHECKING:
    pass

from peftlint.semantics.fixture_values import FixtureValues

#: how often one function is followed in one source before its calls become unknown
MAX_FOLLOWED = 60
#: how often each single call is followed even then: what stands late in a long notebook is wanted too
MAX_FOLLOWED_HERE = 4


class Following(FixtureValues):
    """Functions of the program: which calls are followed, and how their parameters are bound."""

    def follow(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        """Runs the function's body with these arguments; beyond the bounds the call is unknown."""
        if function.syntax.relevance.yields(function.node) and self.where.yields is None:
            bound = self._as_partial(function, arguments)
            kind = "function" if function.is_generator_manager else "generator"
            return self.make(Context(kind, function=bound))
        return self.follow_now(function, arguments, node)

    def _as_partial(self, function: Function, arguments: Items[Argument]) -> Partial:
        positional = tuple(a.value for a in arguments if a.keyword is None and not a.star)
        return Partial(function, positional, tuple((a.keyword, a.value) for a in arguments if a.keyword))

    def _worth_following(self, function: Function, arguments: Items[Argument]) -> bool:
        """Can the call change or use a model, or is it short enough to be followed for its value?"""
        relevance = function.syntax.relevance
        if relevance.strong(function.node) or any(self.matters(a.value) for a in arguments):
            return True
        if function.owner is not None and function.name in ("__init__", "__post_init__", "setUp"):
            # what it says of nothing (`self.model = None`) is what later methods ask
            return True
        if function.frame != self.module_of(function) and self._closure_matters(function):
            return True
        if relevance.short(function.node) and len(self.where.functions) < 3:
            return True
        return self.uses_mattering_globals(function)

    def _closure_matters(self, function: Function) -> bool:
        variables = self.state.frames.get(function.frame, {})
        return any(self.matters(value) for value in variables.values() if value is not function)

    def uses_mattering_globals(self, function: Function, frame: int | None = None) -> bool:
        """Does the function mention variables of its module (or of `frame`) that hold models and the like?"""
        names = function.syntax.relevance.names(function.node)
        variables = self.state.frames.get(self.module_of(function) if frame is None else frame, {})
        chosen = variables if names is None else names & variables.keys()
        return any(self.matters(variables[name]) for name in sorted(chosen))

    def matters(self, value: Value) -> bool:
        """Does the value lead to a model, config, cache ...?"""
        if isinstance(value, Reference | Sequence):
            return self.state.matters(value)
        if isinstance(value, Partial):
            return any(self.matters(item) for item in (*value.args, *(v for _, v in value.keywords)))
        if isinstance(value, BoundMethod):
            return self.matters(value.receiver)
        if isinstance(value, BoundLibrary):
            return self.matters(value.receiver)
        if isinstance(value, Function):
            return value.syntax.relevance.strong(value.node)
        if isinstance(value, Symbol) and value.key.startswith("import:"):
            _, path, member = value.key.split(":", 2)
            return self.whole.project is not None and self.whole.project.worth.of(path, member)
        return bool(sources_of(value))

    def follow_now(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        if not self._worth_following(function, arguments):
            for argument in arguments if function.owner is None else ():
                if isinstance(self.state.record(argument.value), Instance):
                    self._open_containers(argument.value)
            return self.derived(function.name, *(a.value for a in arguments))
        mentions = function.syntax.relevance.mentions(function.node, ("__class__",))
        if mentions and gives_another_class(function.node):
            self._become_another_class(arguments)
        memo = memo_key(function, arguments) if function.decorators else None
        kept = self.state.frames[ATTRIBUTE_FRAME].get(memo) if memo is not None else None
        if kept is not None and is_model(self.state, kept):
            return kept
        depth = self.where.functions.count(function.node)
        count = self.followed.get(function.node, 0)
        here = self.followed.get(node, 0)
        often = count >= MAX_FOLLOWED
        if often and here < MAX_FOLLOWED_HERE and self.syntax.holds(node):
            self.followed[node] = here + 1
            often = False
        if depth >= 1 or len(self.where.functions) >= MAX_DEPTH or self.bounded or often:
            return tables.unknown_function(self.whole, function, self.unbound(node, None, arguments, False))
        self.followed[function.node] = count + 1
        if function.syntax is not self.whole.module_syntax[MODULE_FRAME]:
            self.whole.called_elsewhere.setdefault(function.node, set()).add((*self.where.stack, node)[0])
        result = self.pick(lambda: self._outcomes(function, arguments, node))
        if memo is not None and is_model(self.state, result):
            self.state.bind(ATTRIBUTE_FRAME, memo, result)
        return result

    def _outcomes(
        self, function: Function, arguments: Items[Argument], node: cst.Call
    ) -> list[Outcome[Value]]:
        state = self.state.fork()
        guards = state.guards
        outer_syntax, outer_state = self.syntax, self.state
        frame = self.new_frame(function)
        state.new_frame(frame)
        self.state = state
        try:
            with self.surroundings(
                stack=(*self.where.stack, node),
                functions=(*self.where.functions, function.node),
                frame=frame,
                module_frame=self.module_of(function),
                discarded=None,
                no_grad=self.where.no_grad or function.is_inference,
            ):
                self.syntax = function.syntax
                self.bind_parameters(function, arguments, frame)
                if isinstance(function.node, cst.Lambda):
                    body = function.node.body
                    outcomes, _ = self.attempt(self.state, lambda: self.evaluate(body))
                else:
                    outcomes, _ = self.run_body(function.node.body, self.state)
        finally:
            self.syntax, self.state = outer_syntax, outer_state
        for outcome in outcomes:
            outcome.state.guards = guards
            if not function.syntax.relevance.makes_closures(function.node):
                outcome.state.drop_frame(frame)
        return outcomes

    def _become_another_class(self, arguments: Items[Argument]) -> None:
        """The models given are then of a class of the program's, whatever that has for methods."""
        for argument in arguments:
            for identity in self.networks_in(argument.value):
                self.change_network(identity, kind="unknown", class_name="")

    def bind_parameters(self, function: Function, arguments: Items[Argument], frame: int) -> None:
        """Binds the parameters in the frame; those not given get their default or a symbol."""
        parameters = function.node.params
        named = [*parameters.posonly_params, *parameters.params]
        keyword_only = list(parameters.kwonly_params)
        names = [p.name.value for p in named]
        every = {p.name.value: p for p in (*named, *keyword_only)}
        given: dict[str, Value] = {}
        rest: list[Value] = []
        extra: list[tuple[Value, Value]] = []
        opened = False
        position = 0
        for argument in arguments:
            if argument.star:
                opened = True
            elif argument.keyword is not None:
                if argument.keyword in every:
                    given[argument.keyword] = argument.value
                else:
                    extra.append((Constant(argument.keyword), argument.value))
            elif position < len(names):
                given[names[position]] = argument.value
                position += 1
            else:
                rest.append(argument.value)
        for name, parameter in every.items():
            if name in given:
                value = given[name]
            elif opened:
                value = self.parameter_value(function, parameter, frame)
            elif name in function.defaults:
                value = function.defaults[name]
            else:
                value = self.parameter_value(function, parameter, frame)
            self.state.bind(frame, name, value)
        if isinstance(parameters.star_arg, cst.Param):
            self.state.bind(
                frame, parameters.star_arg.name.value, self.make(ListBox(tuple(rest), not opened))
            )
        if parameters.star_kwarg is not None:
            self.state.bind(
                frame, parameters.star_kwarg.name.value, self.make(DictBox(tuple(extra), not opened))
            )

    def parameter_value(self, function: Function, parameter: cst.Param, frame: int) -> Value:
        """What a parameter holds of which nothing is known but its annotation."""
        from peftlint.semantics.annotations import may_be_none, value_of_annotation

        name = canonical_name(parameter.name.value)
        symbol = Symbol(f"{function.name}@{self._line_key(function)}.{name}")
        self.whole.parameters[symbol.key] = function.node
        fixture = self._fixture(function, name)
        if fixture is not None:
            return self._from_fixture(fixture, self._receiver(function, fixture, frame))
        if parameter.annotation is not None:
            typed = value_of_annotation(self.whole, parameter.annotation.annotation, symbol)
            if typed is not None:
                by_default = function.defaults.get(name)
                if isinstance(typed, Reference) and (
                    by_default == NONE or may_be_none(parameter.annotation.annotation)
                ):
                    self.nullable.add(typed.id)
                return typed
        return symbol

    def _line_key(self, function: Function) -> str:
        return str(id(function.node))
