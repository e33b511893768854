"""Blocks of statements: how each simple statement changes the set of paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Items
from dataclasses import dataclass, field

import libcst as cst

from peftlint.semantics.events import Event, HandedOut, ResultAssigned
from peftlint.semantics.joining import joined
from peftlint.semantics.paths import Diverges, Outcome
from peftlint.semantics.state import State, canonical_name
from peftlint.semantics.targets import DELETED, Targets
from peftlint.semantics.values import (
    NONE,
    Reference,
    Sequence,
    Symbol,
    Value,
    key_of,
    parts_of,
)


@dataclass
class Flow:
    """Where the paths go after a block."""

    normal: list[State] = field(default_factory=list)
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    returns: list[Outcome[Value]] = field(default_factory=list)
    raises: list[State] = field(default_factory=list)

    def absorb(self, other: Flow) -> None:
        """Takes over everything but the normal paths."""
        self.breaks += other.breaks
        self.continues += other.continues
        self.returns += other.returns
        self.raises += other.raises

    @property
    def leaves(self) -> bool:
        """Some path leaves the block other than by an exception."""
        return bool(self.breaks or self.continues or self.returns)


_LEAVING = (cst.Return, cst.Raise, cst.Break, cst.Continue)


class Blocks(Targets):
    """Blocks of statements: how each simple statement changes the set of paths."""

    def run_body(self, body: cst.BaseSuite, state: State) -> tuple[list[Outcome[Value]], list[State]]:
        """A function's body: what it returns on each path, and the paths that raise."""
        flow = self.block(body, [state])
        outcomes = flow.returns + [Outcome(end, NONE) for end in flow.normal]
        if len(outcomes) > self.breadth:
            outcomes = outcomes[: self.breadth]
            for outcome in outcomes:
                outcome.state.sampled = True
        return _joined_outcomes(outcomes), flow.raises

    def block(self, body: cst.BaseSuite, states: list[State]) -> Flow:
        statements: Items[cst.CSTNode] = body.body
        if isinstance(body, cst.SimpleStatementSuite):
            flow = Flow(states)
            for small in body.body:
                self._small(small, flow)
            return flow
        return self.statements(statements, states)

    def statements(self, statements: Iterable[cst.CSTNode], states: list[State]) -> Flow:
        flow = Flow(states)
        for statement in statements:
            if not flow.normal:
                break
            self.step()
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small, flow)
            else:
                self.compound(statement, flow)
            if len(flow.normal) > 1:
                flow.normal = joined(flow.normal, self.breadth)
        return flow

    def each(self, flow: Flow, action: Callable[[], None]) -> None:
        """Runs an action on every normal path."""
        states: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, action)
            states += [outcome.state for outcome in outcomes]
            flow.raises += raised
        flow.normal = states

    def _small(self, node: cst.CSTNode, flow: Flow) -> None:
        if type(node) not in _LEAVING:
            self.each(flow, lambda: self._simple(node))
            return
        match node:
            case cst.Return(value=value):
                for state in flow.normal:
                    outcomes, raised = self.attempt(state, lambda v=value: self._returned(node, v))  # type: ignore[misc]
                    flow.returns += outcomes
                    flow.raises += raised
                flow.normal = []
            case cst.Raise():
                flow.raises += flow.normal
                flow.normal = []
            case cst.Break():
                flow.breaks += flow.normal
                flow.normal = []
            case cst.Continue():
                flow.continues += flow.normal
                flow.normal = []

    def _returned(self, node: cst.CSTNode, value: cst.BaseExpression | None) -> Value:
        result = self.evaluate(value) if value is not None else NONE
        # `return model, tokenizer` hands out the model as well
        for each in result.items if isinstance(result, Sequence) else (result,):
            self._hand_out(node, "return", "return value", each)
        return result

    def _hand_out(
        self, node: cst.CSTNode, how: str, target: str, value: Value, replaced: int | None = None
    ) -> None:
        network = self.network_id(value)
        if network is not None and isinstance(value, Reference):
            self.emit(
                HandedOut(
                    node=node,
                    syntax=self.syntax,
                    network=network,
                    handle=value.id,
                    how=how,
                    target=target,
                    value=value,
                    replaced=replaced,
                )
            )

    def _simple(self, node: cst.CSTNode) -> None:
        kind = type(node)
        if kind is cst.Expr:
            whole: cst.BaseExpression = node.value  # type: ignore[attr-defined]
            with self.surroundings(discarded=whole.expression if isinstance(whole, cst.Await) else whole):
                self.evaluate(whole)
            return
        if kind is cst.Assign:
            places = [target.target for target in node.targets]  # type: ignore[attr-defined]
            result = self._assigned_value(node.value, places)  # type: ignore[attr-defined]
            for place in places:
                self.assign(place, result)
            return
        match node:
            case cst.AnnAssign(target=target, value=value, annotation=annotation):
                if value is not None:
                    self.assign(target, self._assigned_value(value, [target]))
                elif isinstance(target, cst.Name):
                    pass
                del annotation
            case cst.AugAssign(target=target, value=value, operator=operator):
                self._augment(target, operator, self.evaluate(value))
            case cst.Import() | cst.ImportFrom():
                self.import_names(node)
            case cst.Del(target=target):
                elements = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else [target]
                for element in elements:
                    self._delete(element)
            case cst.Assert(test=test):
                self.evaluate(test)
                if self.truth_of(self.evaluate(test)) is False:
                    raise Diverges
            case cst.Global(names=names):
                self.global_names.setdefault(self.where.frame, set()).update(
                    canonical_name(n.name.value) for n in names
                )
            case cst.Nonlocal(names=names):
                self._bind_nonlocal([canonical_name(n.name.value) for n in names])

    def _assigned_value(self, node: cst.BaseExpression, targets: list[cst.BaseExpression]) -> Value:
        first = len(self.events)
        result = self.evaluate(node)
        inner = _value_node(node)
        if isinstance(inner, cst.Call):
            made = next(
                (e for e in reversed(self.events[first:]) if e.call is not None and e.node is inner), None
            )
            if made is None and self.network_id(result) is None:
                made = self._returned_by_helper(inner, first)
                targets = [each for each in targets if made is not None and self._holds(each, made.network)]
            if made is not None:
                for target in targets:
                    self.emit(
                        ResultAssigned(
                            node=inner,
                            syntax=self.syntax,
                            call=made.call,
                            network=made.network,
                            handle=made.handle,
                            target=self.syntax.text(target),
                            made=made,
                            result=result,
                        )
                    )
        else:
            for target in targets:
                if isinstance(target, cst.Attribute | cst.Name) and self.network_id(result) is not None:
                    before = self.evaluate(target)
                    replaced = before.id if isinstance(before, Reference) else None
                    if isinstance(before, Symbol) and before.key.startswith(DELETED):
                        # `del self.model` before it is set anew
                        replaced = next(iter(before.sources), None)
                    self._hand_out(node, "assign", self.syntax.text(target), result, replaced)
        return result

    def _returned_by_helper(self, node: cst.Call, first: int) -> Event | None:
        """What happened in `return call(...)` of the function that the call leads to, on a model."""
        for event in reversed(self.events[first:]):
            if event.network is not None and event.call is not None and event.stack[-1:] == (node,):
                if isinstance(event.syntax.parent(event.node), cst.Return):
                    return event
        return None

    def _holds(self, target: cst.BaseExpression, network: int | None) -> bool:
        """Does the variable hold the model, before it is assigned?"""
        return (
            isinstance(target, cst.Attribute | cst.Name) and self.network_id(self.evaluate(target)) == network
        )


def _value_node(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression whose value it is: `f()` of `await f()`, of `(x := f())` and of `(f(), 0)[0]`."""
    while True:
        match node:
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                node = inner
            case cst.Subscript(
                value=cst.Tuple(elements=elements),
                slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value=digits)))],
            ) if int(digits, 0) < len(elements) and isinstance(elements[int(digits, 0)], cst.Element):
                node = elements[int(digits, 0)].value
            case _:
                return node


def _joined_outcomes(outcomes: list[Outcome[Value]]) -> list[Outcome[Value]]:
    """Outcomes whose results are the same value and whose worlds may be joined, joined."""
    kept: list[Outcome[Value]] = []
    from peftlint.semantics.joining import join

    for outcome in outcomes:
        for index, other in enumerate(kept):
            if other.result == outcome.result or not (
                other.state.matters(other.result) or outcome.state.matters(outcome.result)
            ):
                both = join(other.state, outcome.state)
                if both is not None:
                    result = outcome.result
                    if other.result != outcome.result:
                        parts = parts_of(other.result) | parts_of(outcome.result)
                        result = Symbol(
                            f"either({key_of(other.result)}|{key_of(outcome.result)})", frozenset(), parts
                        )
                    kept[index] = Outcome(both, result)
                    break
        else:
            kept.append(outcome)
    return kept
