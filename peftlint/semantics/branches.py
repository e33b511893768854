"""Branches: if, try and match."""

from __future__ import annotations

from collections.abc import Sequence as Items

import libcst as cst

from peftlint.semantics.blocks import Blocks, Flow
from peftlint.semantics.handling import exception_names, expects, only_for_want_of_a_library
from peftlint.semantics.joining import joined
from peftlint.semantics.paths import Diverges, Outcome
from peftlint.semantics.records import TYPESTATE
from peftlint.semantics.state import Decision, State
from peftlint.semantics.values import (
    Constant,
    Symbol,
    Value,
    key_of,
    parts_of,
)


class Branches(Blocks):
    """Branches: if, try and match."""

    def branches(self, states: list[State], test: cst.BaseExpression, flow: Flow) -> dict[bool, list[State]]:
        """The states in which the test holds and those in which it does not; guarded by what was decided."""
        found: dict[bool, list[State]] = {True: [], False: []}
        for state in states:
            state.forget_old_decisions()
            before = state.decisions
            outcomes, raised = self.attempt(state, lambda: self.condition(test))
            flow.raises += raised
            for outcome in outcomes:
                after = outcome.state.decisions
                known = len(before) if after[: len(before)] == before else 0
                outcome.state.guards = (*outcome.state.guards, *after[known:])
                found[outcome.result].append(outcome.state)
        # a long chain of `elif any(...)` would multiply the paths at each test
        return {
            outcome: joined(ends, self.breadth) if len(ends) > self.breadth else ends
            for outcome, ends in found.items()
        }

    def _if(self, node: cst.If, flow: Flow) -> None:
        depth = {id(state): len(state.guards) for state in flow.normal}
        floor = min(depth.values(), default=0)
        branches = self.branches(flow.normal, node.test, flow)
        then = self.block(node.body, branches[True])
        if node.orelse is None:
            other = Flow(branches[False])
        elif isinstance(node.orelse, cst.If):
            other = Flow(branches[False])
            self.step()
            self._if(node.orelse, other)
        else:
            other = self.block(node.orelse.body, branches[False])
        flow.absorb(then)
        flow.absorb(other)
        # code after `if c: return` is guarded by `not c`; after `if c: raise` it is not: that is validation
        keep_then = other.leaves and not other.normal
        keep_other = then.leaves and not then.normal
        for states, keep in ((then.normal, keep_then), (other.normal, keep_other)):
            for state in states:
                if not keep:
                    state.guards = state.guards[:floor]
        flow.normal = then.normal + other.normal

    def _try(self, node: cst.Try | cst.TryStar, flow: Flow) -> None:
        entry = [state.fork() for state in flow.normal]
        caught = tuple(
            name
            for handler in node.handlers
            if expects(self.syntax, node, handler)
            for name in exception_names(handler)
        )
        with self.surroundings(handled=(*self.where.handled, *caught)):
            body = self.block(node.body, flow.normal)
        ends: list[State] = list(body.normal)
        if node.orelse is not None and ends:
            after = self.block(node.orelse.body, ends)
            ends = after.normal
            flow.absorb(after)
        handled: list[State] = []
        simple = isinstance(node.body, cst.IndentedBlock) and len(node.body.body) == 1
        handlers: Items[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
        for number, handler in enumerate(handlers):
            starts = [state.fork() for state in entry]
            for state in starts:
                self._interrupted(state, body, simple)
                self._define(node.body, state, body.normal)
                decision = Decision(f"exception@{id(node)}.{number}", True)
                state.decide(decision)
                state.guards = (*state.guards, decision)
                if handler.name is not None and isinstance(handler.name.name, cst.Name):
                    state.bind(self.where.frame, handler.name.name.value, Symbol(f"exception@{id(handler)}"))
            result = self.block(handler.body, joined(starts, self.breadth))
            for state in result.normal:
                state.guards = state.guards[:-1]
            flow.absorb(result)
            if not only_for_want_of_a_library(node, handler):
                handled += result.normal
        flow.breaks += body.breaks
        flow.continues += body.continues
        flow.returns += body.returns
        if not node.handlers:
            flow.raises += body.raises
        flow.normal = joined(ends + handled, self.breadth)
        if node.finalbody is not None:
            self._finally(node.finalbody.body, flow)

    def _finally(self, body: cst.BaseSuite, flow: Flow) -> None:
        if flow.normal:
            after = self.block(body, flow.normal)
            flow.normal = after.normal
            flow.absorb(after)
        returns, flow.returns = flow.returns, []
        for outcome in returns:
            after = self.block(body, [outcome.state])
            flow.returns += [Outcome(state, outcome.result) for state in after.normal] or [outcome]

    def _interrupted(self, state: State, body: Flow, simple: bool) -> None:
        """A handler may start anywhere in the body: models that the body changes are uncertain in it."""
        if simple:
            return
        changed: set[int] = set()
        for end in (*body.normal, *body.raises, *(outcome.state for outcome in body.returns)):
            for identity, record in state.heap.items() if end.heap is not state.heap else ():
                if isinstance(record, TYPESTATE) and end.heap.get(identity) is not record:
                    changed.add(identity)
        outer, self.state = self.state, state
        self.forget(changed)
        self.state = outer

    def _define(self, body: cst.BaseSuite, state: State, ends: list[State]) -> None:
        """Binds the functions and classes of the body in a handler: it is not they that raise."""
        frame = self.where.frame
        for statement in body.body if ends else ():
            if isinstance(statement, cst.FunctionDef | cst.ClassDef):
                value = ends[0].frames.get(frame, {}).get(statement.name.value)
                if value is not None and statement.name.value not in state.frames.get(frame, {}):
                    state.bind(frame, statement.name.value, value)

    def _match(self, node: cst.Match, flow: Flow) -> None:
        remaining: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, lambda: self.evaluate(node.subject))
            flow.raises += raised
            for outcome in outcomes:
                ends, rest = self._match_one(node, outcome.state, outcome.result, flow)
                remaining += ends + rest
        flow.normal = joined(remaining, self.breadth)

    def _match_one(
        self, node: cst.Match, state: State, subject: Value, flow: Flow
    ) -> tuple[list[State], list[State]]:
        ends: list[State] = []
        current = [state]
        for number, case in enumerate(node.cases):
            pattern = case.pattern
            always = isinstance(pattern, cst.MatchAs) and pattern.pattern is None and case.guard is None
            key = f"{key_of(subject)} case {number}@{id(node)}"
            if isinstance(pattern, cst.MatchValue):
                key = f"{key_of(subject)}=={self.syntax.text(pattern)}"
                try:
                    key = f"{key_of(subject)}=={key_of(self.evaluate(pattern.value))}"
                except Diverges:
                    pass
            taken: list[State] = []
            others: list[State] = []
            for each in current:
                known: bool | None = True if always else None
                if isinstance(subject, Constant) and isinstance(pattern, cst.MatchValue):
                    known = key == f"{key_of(subject)}=={key_of(subject)}"
                if known is None:
                    outcomes, _ = self.attempt(each, lambda k=key: self.decided(k, parts_of(subject)))  # type: ignore[misc]
                    for outcome in outcomes:
                        (taken if outcome.result else others).append(outcome.state)
                else:
                    (taken if known else others).append(each)
            for each in taken:
                if not always:
                    each.guards = (*each.guards, Decision(key, True, parts_of(subject)))
                if isinstance(pattern, cst.MatchAs) and pattern.name is not None:
                    each.bind(self.where.frame, pattern.name.value, subject)
            result = self.block(case.body, taken)
            for each in result.normal:
                if not always:
                    each.guards = each.guards[:-1]
            flow.absorb(result)
            ends += result.normal
            current = others
        return ends, current
