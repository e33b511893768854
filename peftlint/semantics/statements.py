"""Statements: how each changes the set of paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.calls import Argument, Calls
from peftlint.semantics.core import MAX_STATES, Diverges, Outcome
from peftlint.semantics.events import AttributeAssigned, Call, HandedOut, ModelDropped, ResultAssigned
from peftlint.semantics.records import TYPESTATE, Context, DictBox, Instance, ListBox, Network, Wrapper
from peftlint.semantics.state import ATTRIBUTE_FRAME, Decision, State, joined
from peftlint.semantics.values import (
    NONE,
    BoundLibrary,
    BoundMethod,
    Class,
    Constant,
    Function,
    Library,
    Partial,
    Reference,
    Sequence,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

#: nested loops below this depth are run once instead of twice
TWICE_DEPTH = 2


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


class Statements(Calls):
    global_names: dict[int, set[str]]
    frame_parents: dict[int, int]

    # -- provided by the interpreter

    def define_class(self, node: cst.ClassDef) -> Class:
        raise NotImplementedError

    def import_names(self, node: cst.Import | cst.ImportFrom) -> None:
        raise NotImplementedError

    # -- blocks

    def run_body(self, body: cst.BaseSuite, state: State) -> tuple[list[Outcome[Value]], list[State]]:
        """A function's body: what it returns on each path, and the paths that raise."""
        flow = self.block(body, [state])
        outcomes = flow.returns + [Outcome(end, NONE) for end in flow.normal]
        if len(outcomes) > MAX_STATES:
            outcomes = outcomes[:MAX_STATES]
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
                self._compound(statement, flow)
            if len(flow.normal) > 1:
                flow.normal = joined(flow.normal, MAX_STATES)
        return flow

    def _each(self, flow: Flow, action: Callable[[], None]) -> None:
        """Runs an action on every normal path."""
        states: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, action)
            states += [outcome.state for outcome in outcomes]
            flow.raises += raised
        flow.normal = states

    # -- simple statements

    def _small(self, node: cst.CSTNode, flow: Flow) -> None:
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
            case _:
                self._each(flow, lambda: self._simple(node))

    def _returned(self, node: cst.CSTNode, value: cst.BaseExpression | None) -> Value:
        result = self.evaluate(value) if value is not None else NONE
        self._hand_out(node, "return", "return value", result)
        return result

    def _hand_out(
        self, node: cst.CSTNode, how: str, target: str, value: Value, replaced: int | None = None
    ) -> None:
        network = self.network_id(value)
        if network is not None and isinstance(value, Reference):
            self.emit(
                HandedOut(
                    node=node, syntax=self.syntax, network=network, handle=value.id, how=how, target=target, value=value,
                    replaced=replaced,
                )
            )

    def _simple(self, node: cst.CSTNode) -> None:
        match node:
            case cst.Expr(value=value):
                inner = value.expression if isinstance(value, cst.Await) else value
                with self.surroundings(discarded=inner):
                    self.evaluate(value)
            case cst.Assign(targets=targets, value=value):
                result = self._assigned_value(value, [target.target for target in targets])
                for target in targets:
                    self.assign(target.target, result)
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
                self.global_names.setdefault(self.where.frame, set()).update(n.name.value for n in names)
            case cst.Nonlocal(names=names):
                self._bind_nonlocal([n.name.value for n in names])

    def _assigned_value(self, node: cst.BaseExpression, targets: list[cst.BaseExpression]) -> Value:
        first = len(self.events)
        result = self.evaluate(node)
        inner = node.expression if isinstance(node, cst.Await) else node
        if isinstance(inner, cst.Call):
            made = next((e for e in reversed(self.events[first:]) if e.call is not None and e.node is inner), None)
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
                    self._hand_out(node, "assign", self.syntax.text(target), result, replaced)
        return result

    def _augment(self, target: cst.BaseExpression | Any, operator: cst.BaseAugOp, value: Value) -> None:
        before = self.evaluate(target)
        left, right = self.state.get(before, ListBox), self.state.get(value, ListBox)
        if isinstance(operator, cst.AddAssign) and left is not None and isinstance(before, Reference):
            items = right.items if right is not None else ()
            self.state.store(before.id, ListBox(left.items + items, left.closed and right is not None and right.closed))
            return
        if isinstance(before, Constant) and isinstance(value, Constant) and isinstance(operator, cst.AddAssign):
            if isinstance(before.value, str) and isinstance(value.value, str):
                self.assign(target, Constant(before.value + value.value))
                return
            if isinstance(before.value, int) and isinstance(value.value, int):
                self.assign(target, Constant(before.value + value.value))
                return
        self.assign(target, self.fresh("sum", sources_of(before) | sources_of(value), parts_of(before) | parts_of(value)))

    def _delete(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.Name):
            value = self.lookup(node.value)
            self.state.unbind(self.frame_for(node.value), node.value)
        else:
            value = self.evaluate(node)
            if isinstance(node, cst.Attribute):
                owner = self.evaluate(node.value)
                if isinstance(owner, Reference) and self.state.get(owner, Instance):
                    self.set_attribute(owner, node.attr.value, self.fresh("deleted"))
        network = self.network_id(value)
        if network is not None and isinstance(value, Reference):
            name = self.syntax.text(node)
            self.emit(
                ModelDropped(node=node, syntax=self.syntax, network=network, handle=value.id, name=name)
            )

    def frame_for(self, name: str) -> int:
        """The frame that an assignment to the name in the current function writes."""
        if name in self.global_names.get(self.where.frame, ()):
            return self.where.module_frame
        return self.where.frame

    def _bind_nonlocal(self, names: list[str]) -> None:
        # an assignment then writes to the frame of the function around this one that has the name
        for name in names:
            frame: int | None = self.frame_parents.get(self.where.frame)
            while frame is not None and name not in self.state.frames.get(frame, {}):
                frame = self.frame_parents.get(frame)
            if frame is not None:
                self.nonlocal_frames[(self.where.frame, name)] = frame

    nonlocal_frames: dict[tuple[int, str], int]

    # -- targets

    def assign(self, target: cst.BaseExpression | Any, value: Value) -> None:
        match target:
            case cst.Name(value=name):
                frame = self.nonlocal_frames.get((self.where.frame, name))
                self.state.bind(frame if frame is not None else self.frame_for(name), name, value)
            case cst.Attribute():
                self._assign_attribute(target, value)
            case cst.Subscript():
                self._assign_item(target, value)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                self._unpack(elements, value)
            case cst.StarredElement(value=inner):
                self.assign(inner, value)

    def _assign_attribute(self, target: cst.Attribute, value: Value) -> None:
        owner = self.evaluate(target.value)
        name = target.attr.value
        record = self.state.record(owner)
        if isinstance(owner, Reference) and isinstance(record, Instance):
            self.set_attribute(owner, name, value)
            return
        if self.network_id(owner) is not None or isinstance(record, TYPESTATE):
            event = AttributeAssigned(
                node=target,
                syntax=self.syntax,
                network=self.network_id(owner),
                handle=owner.id if isinstance(owner, Reference) else None,
                attribute=name,
                value=value,
                value_node=target,
            )
            self.emit(event)
            tables.attribute_assigned(self.whole, owner, name, value, target)
            return
        if isinstance(owner, BoundLibrary) or (isinstance(owner, Symbol) and owner.sources):
            tables.attribute_assigned(self.whole, owner, name, value, target)
        if isinstance(owner, Class):
            owner.members[name] = value
            return
        self.state.bind(ATTRIBUTE_FRAME, f"{key_of(owner)}.{name}", value)

    def _assign_item(self, target: cst.Subscript, value: Value) -> None:
        owner = self.evaluate(target.value)
        if len(target.slice) != 1 or not isinstance(target.slice[0].slice, cst.Index):
            return
        index = self.evaluate(target.slice[0].slice.value)
        box = self.state.record(owner)
        if isinstance(owner, Reference) and isinstance(box, DictBox):
            items = {**dict(box.items), index: value}
            self.state.store(owner.id, DictBox(tuple(items.items()), box.closed))
        elif isinstance(owner, Reference) and isinstance(box, ListBox):
            self.state.store(owner.id, ListBox((*box.items, value), closed=False))
        tables.item_assigned(self.whole, owner, index, value)

    def _unpack(self, elements: Any, value: Value) -> None:
        items, closed = self.items_of(value)
        stars = [i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement)]
        if closed and not stars and len(items) == len(elements):
            for element, item in zip(elements, items, strict=True):
                self.assign(element.value, item)
            return
        for position, element in enumerate(elements):
            if isinstance(element, cst.StarredElement):
                self.assign(element.value, Symbol(f"{key_of(value)}[*]", sources_of(value), parts_of(value)))
            else:
                self.assign(element.value, self.item(value, Constant(position)))

    # -- compound statements

    def _compound(self, node: cst.CSTNode, flow: Flow) -> None:
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
                self._each(flow, lambda: self._define_function(node))
            case cst.ClassDef():
                self._each(flow, lambda: self._define_class(node))
            case cst.Match():
                self._match(node, flow)

    def branches(self, states: list[State], test: cst.BaseExpression, flow: Flow) -> dict[bool, list[State]]:
        """The states in which the test holds and those in which it does not; guarded by what was decided."""
        found: dict[bool, list[State]] = {True: [], False: []}
        for state in states:
            before = len(state.decisions)
            outcomes, raised = self.attempt(state, lambda: self.condition(test))
            flow.raises += raised
            for outcome in outcomes:
                outcome.state.guards = (*outcome.state.guards, *outcome.state.decisions[before:])
                found[outcome.result].append(outcome.state)
        return found

    def _if(self, node: cst.If, flow: Flow) -> None:
        depth = {id(state): len(state.guards) for state in flow.normal}
        floor = min(depth.values(), default=0)
        branches = self.branches(flow.normal, node.test, flow)
        then = self.block(node.body, branches[True])
        if node.orelse is None:
            other = Flow(branches[False])
        elif isinstance(node.orelse, cst.If):
            other = Flow(branches[False])
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
        items = self.iteration_items(iterable, self._loop_rounds())
        self.state = outer
        current = [state]
        exits: list[State] = []
        guards = state.guards
        with self.surroundings(loops=(*self.where.loops, node)):
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
                current = joined(round_flow.normal + round_flow.continues, MAX_STATES)
                for each in current:
                    each.guards = guards
                if not current:
                    break
        for each in exits:
            each.guards = guards
        return joined(self._reached(state, iterable, current + exits), MAX_STATES)

    def _reached(self, before: State, iterable: Value, ends: list[State]) -> list[State]:
        """A loop over a model's parameters that changes some of them does find them: `if "lora_" in name` is met."""
        networks = [i for i in sources_of(iterable) if isinstance(before.heap.get(i), Network | Wrapper)]
        inner = [r.network if isinstance(r := before.heap[i], Wrapper) else i for i in networks]
        changed = [end for end in ends if any(end.heap.get(i) is not before.heap.get(i) for i in inner)]
        return changed or ends

    def _for_generator(self, node: cst.For, state: State, function: Partial, flow: Flow) -> list[State]:
        """A generator of the program: the loop's body runs at each of its yields."""

        def body(value: Value) -> None:
            self.assign(node.target, value)
            self._nested(node.body, flow)

        return self._run_generator(node, state, function, body, flow)

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
        arguments = [Argument(v) for v in function.args] + [Argument(v, None, k) for k, v in function.keywords]
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
            return [Outcome(end, NONE) for end in joined(inner.normal + inner.continues, MAX_STATES)]

        self.pick(compute)

    def _while(self, node: cst.While, flow: Flow) -> None:
        guards = {id(state): state.guards for state in flow.normal}
        base = next(iter(guards.values()), ())
        endless = isinstance(node.test, cst.Name) and node.test.value == "True"
        current = flow.normal
        exits: list[State] = []
        with self.surroundings(loops=(*self.where.loops, node)):
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
                current = joined(round_flow.normal + round_flow.continues, MAX_STATES)
                for state in current:
                    state.guards = base
                if not current:
                    break
        for state in exits:
            state.guards = base
        # an endless loop is left by break only; if there is none, what follows is dead code
        flow.normal = joined(exits if endless and exits else current + exits, MAX_STATES)
        if node.orelse is not None and flow.normal:
            after = self.block(node.orelse.body, flow.normal)
            flow.absorb(after)
            flow.normal = after.normal

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
        self, node: cst.With, item: cst.WithItem, rest: list[cst.WithItem], state: State, function: Partial, flow: Flow
    ) -> list[State]:
        def body(value: Value) -> None:
            if item.asname is not None:
                self.assign(item.asname.name, value)
            inner = Flow([self.state.fork()])

            def compute() -> list[Outcome[Value]]:
                with self.surroundings(yields=None):
                    self._with(node, rest, inner)
                flow.absorb(inner)
                return [Outcome(end, NONE) for end in inner.normal]

            self.pick(compute)

        return self._run_generator(node, state, function, body, flow)

    def _with_value(
        self, node: cst.With, item: cst.WithItem, rest: list[cst.WithItem], state: State, value: Value, flow: Flow
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
            with self.surroundings(**changes):
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

    def _try(self, node: cst.Try | cst.TryStar, flow: Flow) -> None:
        entry = [state.fork() for state in flow.normal]
        caught = tuple(name for handler in node.handlers for name in self._caught(handler))
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
                decision = Decision(f"exception@{id(node)}.{number}", True)
                state.decide(decision)
                state.guards = (*state.guards, decision)
                if handler.name is not None and isinstance(handler.name.name, cst.Name):
                    state.bind(self.where.frame, handler.name.name.value, Symbol(f"exception@{id(handler)}"))
            result = self.block(handler.body, joined(starts, MAX_STATES))
            for state in result.normal:
                state.guards = state.guards[:-1]
            flow.absorb(result)
            handled += result.normal
        flow.breaks += body.breaks
        flow.continues += body.continues
        flow.returns += body.returns
        if not node.handlers:
            flow.raises += body.raises
        flow.normal = joined(ends + handled, MAX_STATES)
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
            for identity, record in state.heap.items():
                if isinstance(record, TYPESTATE) and end.heap.get(identity) is not record:
                    changed.add(identity)
        outer, self.state = self.state, state
        self.forget(changed)
        self.state = outer

    def _caught(self, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> list[str]:
        if handler.type is None:
            return [""]
        nodes = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
        return [self.syntax.text(node).rpartition(".")[2] for node in nodes]

    def _match(self, node: cst.Match, flow: Flow) -> None:
        remaining: list[State] = []
        for state in flow.normal:
            outcomes, raised = self.attempt(state, lambda: self.evaluate(node.subject))
            flow.raises += raised
            for outcome in outcomes:
                ends, rest = self._match_one(node, outcome.state, outcome.result, flow)
                remaining += ends + rest
        flow.normal = joined(remaining, MAX_STATES)

    def _match_one(self, node: cst.Match, state: State, subject: Value, flow: Flow) -> tuple[list[State], list[State]]:
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
                each.guards = (*each.guards, Decision(key, True, parts_of(subject)))
                if isinstance(pattern, cst.MatchAs) and pattern.name is not None:
                    each.bind(self.where.frame, pattern.name.value, subject)
            result = self.block(case.body, taken)
            for each in result.normal:
                each.guards = each.guards[:-1]
            flow.absorb(result)
            ends += result.normal
            current = others
        return ends, current

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
        function: Value = Function(node.name.value, node, self.where.frame, self.syntax, defaults, owner, decorators)
        for decorator in reversed(node.decorators):
            value = self.evaluate(decorator.decorator)
            if isinstance(value, Function):
                wrapped = self.call_value(value, (function,), cst.Call(func=cst.Name(value.name)))
                if isinstance(wrapped, Function):
                    function = wrapped
        return function

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


def _joined_outcomes(outcomes: list[Outcome[Value]]) -> list[Outcome[Value]]:
    """Outcomes whose results are the same value and whose worlds may be joined, joined."""
    kept: list[Outcome[Value]] = []
    from peftlint.semantics.state import join

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
                        result = Symbol(f"either({key_of(other.result)}|{key_of(outcome.result)})", frozenset(), parts)
                    kept[index] = Outcome(both, result)
                    break
        else:
            kept.append(outcome)
    return kept


__all__ = ["Call", "Flow", "Statements"]
