"""Statements: how each changes the set of paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.blocks import Flow
from peftlint.semantics.loops import Loops
from peftlint.semantics.paths import DECORATOR_LIMIT, Outcome
from peftlint.semantics.records import Context
from peftlint.semantics.state import State
from peftlint.semantics.values import (
    NONE,
    Class,
    Function,
    Library,
    Partial,
    Value,
)


class Statements(Loops):
    # -- provided by the interpreter

    # -- blocks

    # -- simple statements

    # -- targets

    # -- compound statements

    def compound(self, node: cst.CSTNode, flow: Flow) -> None:
        match node:
            case cst.If():
                self._if(node, flow)
            case cst.For():
                self._for(node, flow)
            case cst.While():
                self._while(node, flow)
            case cst.With():
                self._with(node, list(node.items), flow)
            case cst.Try() | cst.TryStar():
                self._try(node, flow)
            case cst.FunctionDef():
                self.each(flow, lambda: self._define_function(node))
            case cst.ClassDef():
                self.each(flow, lambda: self._define_class(node))
            case cst.Match():
                self._match(node, flow)

    def _with(self, node: cst.With, items: list[cst.WithItem], flow: Flow) -> None:
        if not items:
            after = self.block(node.body, flow.normal)
            flow.absorb(after)
            flow.normal = after.normal
            return
        item, rest = items[0], items[1:]
        finished: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, lambda: self._entered(item.item))
            flow.raises += raised
            for outcome in outcomes:
                context = outcome.state.get(outcome.result, Context)
                if context is not None and isinstance(context.function, Partial):
                    finished += self._with_generator(node, item, rest, outcome.state, context.function, flow)
                else:
                    finished += self._with_value(node, item, rest, outcome.state, outcome.result, flow)
        flow.normal = finished

    def _entered(self, node: cst.BaseExpression) -> Value:
        return self.evaluate(node)

    def _with_generator(
        self,
        node: cst.With,
        item: cst.WithItem,
        rest: list[cst.WithItem],
        state: State,
        function: Partial,
        flow: Flow,
    ) -> list[State]:
        entered = False

        def body(value: Value) -> None:
            nonlocal entered
            entered = True
            if item.asname is not None:
                self.assign(item.asname.name, value)
            inner = Flow([self.state.fork()])

            def compute() -> list[Outcome[Value]]:
                with self.surroundings(yields=None):
                    self._with(node, rest, inner)
                flow.absorb(inner)
                return [Outcome(end, NONE) for end in inner.normal]

            self.pick(compute)

        ends = self._run_generator(node, state, function, body, flow)
        if entered:
            return ends
        # it is not followed, or its yield is not reached: the block runs all the same
        given = [(end, self._unknown_of(end, function)) for end in ends]
        return [s for end, value in given for s in self._with_value(node, item, rest, end, value, flow)]

    def _with_value(
        self,
        node: cst.With,
        item: cst.WithItem,
        rest: list[cst.WithItem],
        state: State,
        value: Value,
        flow: Flow,
    ) -> list[State]:
        changes: dict[str, Any] = {}
        restore: Callable[[], None] | None = None

        def enter() -> Value:
            nonlocal changes, restore
            result, changes, restore = tables.enter_context(self.whole, value, item.item)
            if item.asname is not None:
                self.assign(item.asname.name, result)
            return result

        finished: list[State] = []
        outcomes, raised = self.attempt(state, enter)
        flow.raises += raised
        for outcome in outcomes:
            inner = Flow([outcome.state])
            fails = changes.pop("fails", False)
            with self.surroundings(**changes):
                if fails and not rest:
                    self._failing(node.body, inner)
                else:
                    self._with(node, rest, inner)
            if changes.get("expected_failure"):
                # the exception is swallowed: the paths go on behind the block
                inner.normal += inner.raises
                inner.raises = []
            for states in (inner.normal, inner.breaks, inner.continues, [o.state for o in inner.returns]):
                for each in states:
                    if restore is not None:
                        outer, self.state = self.state, each
                        restore()
                        self.state = outer
            flow.absorb(inner)
            finished += inner.normal
        return finished

    def _failing(self, body: cst.BaseSuite, flow: Flow) -> None:
        """Runs a block that is expected to raise: the last statement that does anything raises, and leaves all as it was."""
        states, left = flow.normal, [state.fork() for state in flow.normal]
        for statement in body.body:
            before, count = [state.fork() for state in states], len(self.events)
            after = self.block(body.with_changes(body=[statement]), states)
            flow.absorb(after)
            states = after.normal
            if len(self.events) > count:
                left = before
        flow.normal = left

    # -- definitions

    def _define_function(self, node: cst.FunctionDef) -> None:
        # the decorators' calls may leave another path's state behind: it is asked for afterwards
        function = self.make_function(node, None)
        self.state.bind(self.where.frame, node.name.value, function)

    def _define_class(self, node: cst.ClassDef) -> None:
        cls = self.define_class(node)
        self.state.bind(self.where.frame, node.name.value, cls)

    def make_function(self, node: cst.FunctionDef, owner: Class | None) -> Value:
        decorators = tuple(self._decorator_name(d.decorator) for d in node.decorators)
        defaults: dict[str, Value] = {}
        parameters = node.params
        for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
            if parameter.default is not None:
                defaults[parameter.name.value] = self.evaluate(parameter.default)
        function: Value = Function(
            node.name.value, node, self.where.frame, self.syntax, defaults, owner, decorators
        )
        for decorator in reversed(node.decorators):
            value = self.evaluate(decorator.decorator)
            if isinstance(value, Function):
                wrapped = self._decorated(value, function, decorator)
                if isinstance(wrapped, Function):
                    function = wrapped
        return function

    def _decorated(self, decorator: Function, function: Value, node: cst.Decorator) -> Value:
        outer, self.allowed = self.allowed, min(self.steps + DECORATOR_LIMIT, self.allowed)
        try:
            return self.call_value(decorator, (function,), cst.Call(func=node.decorator))
        finally:
            self.allowed = outer

    def _decorator_name(self, node: cst.BaseExpression) -> str:
        if isinstance(node, cst.Call):
            return self._decorator_name(node.func)
        if isinstance(node, cst.Attribute):
            base = self._decorator_name(node.value)
            return f"{base}.{node.attr.value}"
        if isinstance(node, cst.Name):
            value = self.lookup(node.value)
            return value.name.removeprefix("builtins.") if isinstance(value, Library) else node.value
        return ""


__all__ = ["Flow", "Statements"]
