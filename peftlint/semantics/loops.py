"""Loops, and generators of the program at whose yields a block runs."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from peftlint.semantics.blocks import Flow
from peftlint.semantics.branches import Branches
from peftlint.semantics.calls import Argument
from peftlint.semantics.iteration import MAX_ROUNDS, TWICE_DEPTH
from peftlint.semantics.joining import joined
from peftlint.semantics.paths import Outcome
from peftlint.semantics.records import Context, Network, Wrapper
from peftlint.semantics.state import State
from peftlint.semantics.values import (
    NONE,
    BoundMethod,
    Function,
    Partial,
    Sequence,
    Value,
    sources_of,
)
from peftlint.semantics.walk import walk


class Loops(Branches):
    """Loops, and generators of the program at whose yields a block runs."""

    def _loop_rounds(self) -> int:
        return 1 if self.bounded or len(self.where.loops) > TWICE_DEPTH else 2

    def _for(self, node: cst.For, flow: Flow) -> None:
        finished: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, lambda: self.evaluate(node.iter))
            flow.raises += raised
            for outcome in outcomes:
                generator = outcome.state.get(outcome.result, Context)
                if generator is not None and isinstance(generator.function, Partial):
                    finished += self._for_generator(node, outcome.state, generator.function, flow)
                else:
                    finished += self._for_items(node, outcome.state, outcome.result, flow)
        flow.normal = finished
        if node.orelse is not None and flow.normal:
            after = self.block(node.orelse.body, flow.normal)
            flow.absorb(after)
            flow.normal = after.normal

    def _for_items(self, node: cst.For, state: State, iterable: Value, flow: Flow) -> list[State]:
        outer, self.state = self.state, state
        # `range(1)`, a tuple of one
        once = isinstance(iterable, Sequence) and len(iterable.items) == 1
        items = self.iteration_items(iterable, self._loop_rounds())
        if len(items) * self.where.rounds > MAX_ROUNDS:
            items = self.unknown_items(iterable, self._loop_rounds())
        self.state = outer
        current = [state]
        exits: list[State] = []
        guards = state.guards
        rounds = self.where.rounds * max(len(items), 1)
        loops = self.where.loops if once else (*self.where.loops, node)
        with self.surroundings(loops=loops, rounds=rounds):
            for item in items:
                bound: list[State] = []
                for each in current:
                    outcomes, raised = self.attempt(each, lambda i=item: self.assign(node.target, i))  # type: ignore[misc]
                    bound += [o.state for o in outcomes]
                    flow.raises += raised
                round_flow = self.block(node.body, bound)
                flow.returns += round_flow.returns
                flow.raises += round_flow.raises
                exits += round_flow.breaks
                current = joined(round_flow.normal + round_flow.continues, self.breadth)
                for each in current:
                    each.guards = guards
                if not current:
                    break
        for each in exits:
            each.guards = guards
        return joined(self._reached(state, iterable, current + exits), self.breadth)

    def _reached(self, before: State, iterable: Value, ends: list[State]) -> list[State]:
        """A loop over a model's parameters that changes some of them does find them: `if "lora_" in name` is met."""
        networks = [i for i in sources_of(iterable) if isinstance(before.heap.get(i), Network | Wrapper)]
        inner = [r.network if isinstance(r := before.heap[i], Wrapper) else i for i in networks]
        changed = [end for end in ends if any(end.heap.get(i) is not before.heap.get(i) for i in inner)]
        return changed or ends

    def _for_generator(self, node: cst.For, state: State, function: Partial, flow: Flow) -> list[State]:
        """A generator of the program: the loop's body runs at each of its yields."""

        entered = False

        def body(value: Value) -> None:
            nonlocal entered
            entered = True
            self.assign(node.target, value)
            self._nested(node.body, flow)

        ends = self._run_generator(node, state, function, body, flow)
        if entered:
            return ends
        # it is not followed, or no yield is reached: it gives something unknown
        return [s for end in ends for s in self._for_items(node, end, self._unknown_of(end, function), flow)]

    def _unknown_of(self, state: State, function: Partial) -> Value:
        """What a generator gives that is not followed."""
        outer, self.state = self.state, state
        try:
            return self.derived("yielded", *function.args, *(value for _, value in function.keywords))
        finally:
            self.state = outer

    def _run_generator(
        self, node: cst.CSTNode, state: State, function: Partial, body: Callable[[Value], None], flow: Flow
    ) -> list[State]:
        outer = self.where

        def at_yield(value: Value) -> None:
            inner, self.where = self.where, outer
            syntax, self.syntax = self.syntax, outer_syntax
            try:
                body(value)
            finally:
                self.where, self.syntax = inner, syntax

        outer_syntax = self.syntax
        arguments = [Argument(v) for v in function.args] + [
            Argument(v, None, k) for k, v in function.keywords
        ]
        target = function.function
        receiver: list[Argument] = []
        if isinstance(target, BoundMethod):
            receiver, target = [Argument(target.receiver)], target.function
        if not isinstance(target, Function):
            return [state]
        call = cst.Call(func=cst.Name(target.name))

        def run() -> Value:
            with self.surroundings(yields=at_yield):
                return self.follow_now(target, [*receiver, *arguments], call)

        outcomes, raised = self.attempt(state, run)
        flow.raises += raised
        return [outcome.state for outcome in outcomes]

    def _nested(self, body: cst.BaseSuite, flow: Flow) -> None:
        """Runs a block in the middle of an expression (at a yield); one of its paths goes on."""

        def compute() -> list[Outcome[Value]]:
            with self.surroundings(yields=None):
                inner = self.block(body, [self.state.fork()])
            flow.returns += inner.returns
            flow.raises += inner.raises
            flow.breaks += inner.breaks
            return [Outcome(end, NONE) for end in joined(inner.normal + inner.continues, self.breadth)]

        self.pick(compute)

    def _while(self, node: cst.While, flow: Flow) -> None:
        guards = {id(state): state.guards for state in flow.normal}
        base = next(iter(guards.values()), ())
        endless = isinstance(node.test, cst.Name) and node.test.value == "True"
        current = flow.normal
        exits: list[State] = []
        loops = self.where.loops if _ends_with_break(node.body) else (*self.where.loops, node)
        with self.surroundings(loops=loops):
            for _ in range(self._loop_rounds()):
                entered: list[State] = []
                for state in current:
                    outcomes, raised = self.attempt(state, lambda: self.truth_of(self.evaluate(node.test)))
                    flow.raises += raised
                    entered += [o.state for o in outcomes if o.result is not False]
                    exits += [o.state for o in outcomes if o.result is False]
                round_flow = self.block(node.body, entered)
                flow.returns += round_flow.returns
                flow.raises += round_flow.raises
                exits += round_flow.breaks
                current = joined(round_flow.normal + round_flow.continues, self.breadth)
                for state in current:
                    state.guards = base
                if not current:
                    break
        for state in exits:
            state.guards = base
        # an endless loop is left by break only; if there is none, what follows is dead code
        flow.normal = joined(exits if endless and exits else current + exits, self.breadth)
        if node.orelse is not None and flow.normal:
            after = self.block(node.orelse.body, flow.normal)
            flow.absorb(after)
            flow.normal = after.normal


def _ends_with_break(body: cst.BaseSuite) -> bool:
    """Is there one round only: does the body end with `break`, and nothing in it start another round?"""
    last: cst.CSTNode | None = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Break) and not any(type(part) is cst.Continue for part in walk(body))
