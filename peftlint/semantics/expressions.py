"""Expressions to values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from peftlint.semantics.core import Core, Outcome
from peftlint.semantics.events import Compared
from peftlint.semantics.records import Context, DictBox, Instance, ListBox, Network, Output, Trainer, Wrapper
from peftlint.semantics.state import ATTRIBUTE_FRAME
from peftlint.semantics.values import (
    FALSE,
    NONE,
    TRUE,
    BoundLibrary,
    BoundMethod,
    Class,
    Constant,
    Function,
    Library,
    ModuleValue,
    Partial,
    Reference,
    Sequence,
    Super,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

if TYPE_CHECKING:
    from peftlint.semantics.state import State

MAX_ITEMS = 12
_NAME_CONSTANTS = {"True": TRUE, "False": FALSE, "None": NONE}


class Expressions(Core):
    """`evaluate` dispatches on the node's type; what calls do is in `calls`."""

    # -- provided by other parts

    def evaluate_call(self, node: cst.Call) -> Value:
        raise NotImplementedError

    def call_value(self, function: Value, args: tuple[Value, ...], node: cst.Call) -> Value:
        raise NotImplementedError

    def lookup(self, name: str) -> Value:
        raise NotImplementedError

    def module_attribute(self, module: ModuleValue, name: str) -> Value:
        raise NotImplementedError

    def assign(self, target: cst.BaseExpression, value: Value) -> None:
        raise NotImplementedError

    def attempt_block(self, body: cst.BaseSuite, state: State) -> Any:
        raise NotImplementedError

    # -- dispatch

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """The value of the expression on the current path."""
        # the commonest first, by exact type: matching classes is ten times slower
        kind = type(node)
        if kind is cst.Name:
            name = node.value  # type: ignore[attr-defined]
            return _NAME_CONSTANTS.get(name) or self.lookup(name)
        if kind is cst.Attribute:
            return self.attribute(self.evaluate(node.value), node.attr.value)  # type: ignore[attr-defined]
        if kind is cst.Call:
            return self.evaluate_call(node)  # type: ignore[arg-type]
        match node:
            case cst.SimpleString() | cst.Integer() | cst.Float():
                return Constant(node.evaluated_value)
            case cst.ConcatenatedString() | cst.FormattedString():
                return self._string(node)
            case cst.Tuple(elements=elements):
                return Sequence(self._elements(elements))
            case cst.List(elements=elements):
                closed = not any(isinstance(element, cst.StarredElement) for element in elements)
                return self.make(ListBox(self._elements(elements), closed))
            case cst.Set(elements=elements):
                return self.make(ListBox(self._elements(elements)))
            case cst.Dict():
                return self._dictionary(node)
            case cst.Subscript():
                return self._subscript(node)
            case cst.BooleanOperation():
                return self._boolean(node)
            case cst.UnaryOperation():
                return self._unary(node)
            case cst.BinaryOperation():
                return self._binary(node)
            case cst.Comparison():
                return self._comparison(node)
            case cst.IfExp(test=test, body=body, orelse=orelse):
                return self.evaluate(body if self.condition(test) else orelse)
            case cst.Lambda():
                return Function("<lambda>", node, self.where.frame, self.syntax)
            case cst.NamedExpr(target=target, value=value):
                result = self.evaluate(value)
                self.assign(target, result)
                return result
            case cst.Await(expression=expression):
                return self.evaluate(expression)
            case cst.Yield():
                return self._yield(node)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp() | cst.DictComp():
                return self._comprehension(node)
            case _:
                return self.fresh("expression")

    # -- names and attributes

    def attribute(self, value: Value, name: str) -> Value:
        match value:
            case Library(name=library):
                return self.library(f"{library}.{name}")
            case ModuleValue():
                return self.module_attribute(value, name)
            case Reference():
                return self._record_attribute(value, name)
            case Symbol():
                assigned = self.state.frames[ATTRIBUTE_FRAME].get(f"{value.key}.{name}")
                return assigned or Symbol(f"{value.key}.{name}", value.sources, value.parts | {value.key})
            case Class():
                member = value.lookup(name)
                if isinstance(member, Function) and "classmethod" in member.decorators:
                    return BoundMethod(value, member)
                if member is not None:
                    return member
                bases = sorted(value.library_bases())
                return self.library(f"{bases[0]}.{name}") if bases else Symbol(f"{value.name}.{name}")
            case Super(instance=instance, owner=owner):
                for base in owner.bases:
                    if isinstance(base, Class) and (member := base.lookup(name)) is not None:
                        return BoundMethod(instance, member) if isinstance(member, Function) else member
                return BoundLibrary(value, name)
            case BoundLibrary():
                return self.model_attribute(value, name)
            case _:
                return Symbol(f"{key_of(value)}.{name}", sources_of(value), parts_of(value))

    def library(self, dotted: str) -> Value:
        from peftlint.semantics.api.names import canonical

        return Library(canonical(dotted))

    def _record_attribute(self, value: Reference, name: str) -> Value:
        record = self.state.record(value)
        if isinstance(record, Instance):
            found = record.attribute(name)
            if found is not None:
                return found
            if isinstance(record.cls, Class):
                member = record.cls.lookup(name)
                if isinstance(member, Function):
                    return self._bind(value, member)
                if member is not None:
                    return member
                if name == "__class__":
                    return record.cls
            if record.parent is not None:
                inner = self.attribute(Reference(record.parent), name)
                return BoundLibrary(value, name) if inner == BoundLibrary(Reference(record.parent), name) else inner
            return BoundLibrary(value, name)
        return self.model_attribute(BoundLibrary(value, name), None)

    def _bind(self, instance: Reference, member: Function) -> Value:
        if "staticmethod" in member.decorators:
            return member
        bound = BoundMethod(instance, member)
        if any(d in ("property", "cached_property", "functools.cached_property") for d in member.decorators):
            return self.call_value(bound, (), _EMPTY_CALL)
        return bound

    def model_attribute(self, bound: BoundLibrary, further: str | None) -> Value:
        """`model.name` (further None) or `model.name.further`: the layers below a wrapper, else opaque."""
        record = self.state.record(bound.receiver)
        if isinstance(record, Wrapper) and bound.name == "base_model":
            if further is None:
                return bound
            return Reference(record.network) if further == "model" else BoundLibrary(bound, further)
        if isinstance(record, Trainer) and bound.name == "model" and record.model is not None:
            return record.model if further is None else self.attribute(record.model, further)
        if isinstance(record, Trainer) and bound.name == "accelerator" and further is None:
            return self.make(Instance("accelerate.Accelerator"))
        if isinstance(record, Output):
            # .logits, .loss, .past_key_values, .sequences
            if further is None:
                if bound.name == "past_key_values" and record.cache is not None:
                    return Reference(record.cache)
                return Symbol(f"{key_of(bound)}", frozenset({bound.receiver.id}))  # type: ignore[union-attr]
            return Symbol(f"{key_of(bound)}.{further}", sources_of(bound))
        if further is None:
            assigned = self.state.frames[ATTRIBUTE_FRAME].get(key_of(bound))
            return assigned if assigned is not None else bound
        return Symbol(f"{key_of(bound)}.{further}", sources_of(bound))

    # -- literals

    def _elements(self, elements: Any) -> tuple[Value, ...]:
        items: list[Value] = []
        for element in elements:
            value = self.evaluate(element.value)
            if isinstance(element, cst.StarredElement):
                known, _ = self.items_of(value)
                items.extend(known)
            else:
                items.append(value)
        return tuple(items)

    def _string(self, node: cst.ConcatenatedString | cst.FormattedString) -> Value:
        pieces: list[Value] = []
        pending: list[cst.CSTNode] = [node]
        while pending:
            piece = pending.pop(0)
            match piece:
                case cst.ConcatenatedString(left=left, right=right):
                    pending[:0] = [left, right]
                case cst.FormattedString(parts=parts):
                    pending[:0] = list(parts)
                case cst.FormattedStringText(value=literal):
                    pieces.append(Constant(literal))
                case cst.FormattedStringExpression(expression=expression):
                    pieces.append(self.evaluate(expression))
                case cst.SimpleString():
                    pieces.append(Constant(piece.evaluated_value))
        if all(isinstance(piece, Constant) for piece in pieces):
            return Constant("".join(str(piece.value) for piece in pieces))  # type: ignore[union-attr]
        return self.combined("f", *pieces)

    def combined(self, operation: str, *values: Value) -> Symbol:
        """A symbol made from the values: equal if operation and values are."""
        key = f"{operation}({','.join(key_of(value) for value in values)})"
        if len(key) > 300:
            key = f"{operation}#{hash(key)}"
        parts = frozenset().union(*(parts_of(value) for value in values))
        return Symbol(key, frozenset().union(*(sources_of(value) for value in values)), parts)

    def _dictionary(self, node: cst.Dict) -> Value:
        items: list[tuple[Value, Value]] = []
        closed = True
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                items.append((self.evaluate(element.key), self.evaluate(element.value)))
            else:
                value = self.evaluate(element.value)
                box = self.state.get(value, DictBox)
                if box is None:
                    closed = False
                else:
                    items.extend(box.items)
                    closed = closed and box.closed
        return self.make(DictBox(tuple(dict(items).items()), closed))

    def _subscript(self, node: cst.Subscript) -> Value:
        value = self.evaluate(node.value)
        if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
            return Symbol(f"{key_of(value)}[{self.syntax.text(node)}]", sources_of(value), parts_of(value))
        return self.item(value, self.evaluate(node.slice[0].slice.value))

    def item(self, value: Value, index: Value) -> Value:
        """`value[index]`."""
        record = self.state.record(value)
        match record:
            case DictBox():
                found = record.get(index)
                if found is not None:
                    return found
                models = [(k, v) for k, v in record.items if self.state.matters(v)]
                if models and record.closed and len(models) == len(record.items) and not isinstance(index, Constant):
                    for key, item in models[:3]:
                        if self.decided(f"{key_of(index)}=={key_of(key)}", parts_of(index)):
                            return item
                    return models[-1][1]
            case ListBox() if record.closed:
                value = Sequence(record.items)
            case Output():
                return Symbol(f"{key_of(value)}[{key_of(index)}]", sources_of(value))
        if isinstance(value, Sequence) and isinstance(index, Constant) and isinstance(index.value, int):
            if -len(value.items) <= index.value < len(value.items):
                return value.items[index.value]
        sources = sources_of(value)
        if isinstance(record, DictBox | ListBox):
            sources = frozenset()
        return Symbol(f"{key_of(value)}[{key_of(index)}]", sources, parts_of(value) | parts_of(index))

    # -- operators

    def _boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.evaluate(node.left)
        known = self.truth_of(left)
        conjunction = isinstance(node.operator, cst.And)
        if known is None and not self.state.matters(left):
            right = self.evaluate(node.right)
            if not self.state.matters(right):
                if left == right:
                    return left
                return self.combined("and" if conjunction else "or", left, right)
            known = self.decided(key_of(left), parts_of(left))
        elif known is None:
            known = True
        if conjunction:
            return self.evaluate(node.right) if known else left
        return left if known else self.evaluate(node.right)

    def _unary(self, node: cst.UnaryOperation) -> Value:
        count = len(self.events)
        value = self.evaluate(node.expression)
        if isinstance(node.operator, cst.Not):
            for event in self.events[count:]:
                if isinstance(event, Compared) and event.expects_equal is not None:
                    event.expects_equal = not event.expects_equal
        if isinstance(node.operator, cst.Not):
            known = self.truth_of(value)
            return Constant(not known) if known is not None else self.combined("not", value)
        if isinstance(node.operator, cst.Minus) and isinstance(value, Constant):
            if isinstance(value.value, int | float):
                return Constant(-value.value)
        return self.combined(type(node.operator).__name__, value)

    def _binary(self, node: cst.BinaryOperation) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(left, Constant) and isinstance(right, Constant):
            match node.operator, left.value, right.value:
                case cst.Add(), str(a), str(b):
                    return Constant(a + b)
                case cst.Add(), int(a), int(b):
                    return Constant(a + b)
                case cst.Divide(), str(a), str(b):
                    return Constant(f"{a.rstrip('/')}/{b}")
        lists = [self.state.get(value, ListBox) for value in (left, right)]
        if isinstance(node.operator, cst.Add) and lists[0] and lists[1]:
            return self.make(ListBox(lists[0].items + lists[1].items, lists[0].closed and lists[1].closed))
        return self.combined(type(node.operator).__name__, left, right)

    def _comparison(self, node: cst.Comparison) -> Value:
        left = self.evaluate(node.left)
        result: Value = TRUE
        for target in node.comparisons:
            right = self.evaluate(target.comparator)
            result = self._compare(left, target.operator, right, node)
            left = right
        return result if len(node.comparisons) == 1 else self.fresh("comparison")

    def _compare(self, left: Value, operator: cst.BaseCompOp, right: Value, node: cst.Comparison) -> Value:
        match operator:
            case cst.Is() | cst.IsNot():
                flip = isinstance(operator, cst.IsNot)
                if right == NONE:
                    known = self._is_none(left)
                    if known is not None:
                        return Constant(known != flip)
                    # `x is None` is decided together with the truth of x: programs mean the same by both
                    return left if flip else self.combined("not", left)
                known = None if left != right else True
            case cst.Equal() | cst.NotEqual():
                flip = isinstance(operator, cst.NotEqual)
                self._note_comparison(left, right, "equality", not flip, node)
                if isinstance(left, Constant) and isinstance(right, Constant):
                    known = left.value == right.value
                else:
                    known = self._equality_assumed(left, right)
                    if known is None:
                        symbol = Symbol(f"{key_of(left)}=={key_of(right)}", frozenset(), parts_of(left))
                        return self.combined("not", symbol) if flip else symbol
            case cst.In() | cst.NotIn():
                flip = isinstance(operator, cst.NotIn)
                self._note_comparison(left, right, "in", not flip, node)
                items, closed = self.items_of(right)
                if left in items:
                    known = True
                elif closed and isinstance(left, Constant) and all(isinstance(i, Constant) for i in items):
                    known = False
                else:
                    known = None
                if known is None:
                    symbol = Symbol(f"{key_of(left)} in {key_of(right)}", frozenset(), parts_of(left))
                    return self.combined("not", symbol) if flip else symbol
            case _:
                if isinstance(left, Constant) and isinstance(right, Constant):
                    return self.fresh("order")
                return self.combined(type(operator).__name__, left, right)
        if known is None:
            symbol = self.combined("is", left, right)
            return self.combined("not", symbol) if flip else symbol
        return Constant(known != flip)

    def _note_comparison(self, left: Value, right: Value, how: str, equal: bool, node: cst.CSTNode) -> None:
        if self._computed(left) or self._computed(right):
            self.emit(
                Compared(node=node, syntax=self.syntax, left=left, right=right, how=how, expects_equal=equal)
            )

    def _computed(self, value: Value) -> bool:
        """Was the value made from what a model gave?"""
        return any(isinstance(self.state.heap.get(source), Output) for source in sources_of(value))

    def _equality_assumed(self, left: Value, right: Value) -> bool | None:
        if left == right:
            return True
        key = key_of(left)
        for decision in self.state.decisions:
            if decision.key == f"{key}=={key_of(right)}":
                return decision.outcome
            if decision.outcome and decision.key.startswith(f"{key}==") and isinstance(right, Constant):
                return False
        return None

    def _is_none(self, value: Value) -> bool | None:
        match value:
            case Constant(value=constant):
                return constant is None
            case Symbol(key=key):
                # only a *false* truth value could hide another falsy value; see `_compare`
                assumed = self.state.assumed(key)
                return None if assumed is None else not assumed
            case _:
                return False

    # -- conditions

    def condition(self, node: cst.BaseExpression) -> bool:
        """The truth of a condition on this path; where it is not known, the path decides and remembers."""
        match node:
            case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
                return self.condition(left) and self.condition(right)
            case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
                return self.condition(left) or self.condition(right)
            case cst.UnaryOperation(operator=cst.Not(), expression=expression) if not isinstance(
                expression, cst.Call
            ):
                return not self.condition(expression)
        return self.truth_or_decide(self.evaluate(node))

    def truth_or_decide(self, value: Value) -> bool:
        known = self.truth_of(value)
        if known is not None:
            return known
        key = key_of(value)
        flip = False
        while key.startswith("not(") and key.endswith(")"):
            key, flip = key[4:-1], not flip
        return self.decided(key, parts_of(value)) != flip

    def truth_of(self, value: Value) -> bool | None:
        match value:
            case Constant(value=constant):
                return bool(constant)
            case Symbol(key=key):
                flip = False
                while key.startswith("not(") and key.endswith(")"):
                    key, flip = key[4:-1], not flip
                assumed = self.state.assumed(key)
                return None if assumed is None else assumed != flip
            case Sequence(items=items):
                return bool(items)
            case Reference():
                match self.state.record(value):
                    case (ListBox() | DictBox()) as box:
                        return True if box.items else (False if box.closed else None)
                    case Network() | Wrapper() | Instance() | Context():
                        return True
                return None
            case Library(name=name):
                return None if name.rpartition(".")[2].startswith(("is_", "HAS_", "_is_")) else True
            case Function() | Class() | BoundMethod() | Partial() | ModuleValue() | Super():
                return True
        return None

    # -- iteration

    def items_of(self, value: Value) -> tuple[tuple[Value, ...], bool]:
        """The items that iterating gives, and whether these are all."""
        if isinstance(value, Sequence):
            return value.items, True
        if isinstance(value, BoundLibrary) and value.name == "peft_config":
            network = self.network(value.receiver)
            if network is not None:
                return tuple(adapter.name for adapter in network.adapters), network.closed
        match self.state.record(value):
            case ListBox(items=items, closed=closed):
                return items, closed
            case DictBox(items=pairs, closed=closed):
                return tuple(key for key, _ in pairs), closed
        if isinstance(value, Constant) and isinstance(value.value, str) and len(value.value) <= MAX_ITEMS:
            return tuple(Constant(letter) for letter in value.value), True
        return (), False

    def iteration_items(self, value: Value, rounds: int = 2) -> list[Value]:
        """What a loop over the value binds, one item a round: all known items, or `rounds` unknown ones."""
        items, closed = self.items_of(value)
        if closed and len(items) <= MAX_ITEMS:
            return list(items)
        if items and len(items) <= MAX_ITEMS:
            return list(items)
        if isinstance(value, Symbol) and value.key.startswith("pairs("):
            inner = value.key[6:-1]
            return [
                Sequence((self._nth(inner, n, value), Symbol(f"{inner}[item({inner},{n})]", value.sources, value.parts)))
                for n in range(rounds)
            ]
        return [self._nth(key_of(value), n, value) for n in range(rounds)]

    def _nth(self, key: str, n: int, value: Value) -> Symbol:
        return Symbol(f"item({key},{n})", sources_of(value), parts_of(value))

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
        results: list[Value] = []
        pairs: list[tuple[Value, Value]] = []
        closed = True

        def run(clause: cst.CompFor) -> None:
            nonlocal closed
            iterable = self.evaluate(clause.iter)
            known, complete = self.items_of(iterable)
            closed = closed and complete and len(known) <= MAX_ITEMS
            for item in self.iteration_items(iterable, 1 if self.bounded else 2):
                self.assign(clause.target, item)
                selected = self._selected(clause)
                if selected is not True:
                    closed = False
                if selected is False:
                    continue
                if clause.inner_for_in is not None:
                    run(clause.inner_for_in)
                    continue
                if isinstance(node, cst.DictComp):
                    pair = self.evaluate(node.key), self.evaluate(node.value)
                    if selected or self.state.matters(pair[1]):
                        pairs.append(pair)
                    continue
                result = self.evaluate(node.elt)
                # what a filter that is not known may leave out is not known to be there
                if selected or sources_of(result):
                    results.append(result)

        run(node.for_in)
        for kept in (*results, *(value for _, value in pairs)):
            self.stored |= sources_of(kept)
        if isinstance(node, cst.DictComp):
            return self.make(DictBox(tuple(dict(pairs).items()), closed))
        sources = frozenset().union(*(sources_of(result) for result in results))
        if sources and not any(self.state.matters(result) for result in results):
            # `[p for p in model.parameters() if ...]`: only where it comes from matters
            key = f"comprehension({','.join(key_of(result) for result in results)})"
            return Symbol(key, sources)
        return self.make(ListBox(tuple(results), closed))

    def _selected(self, clause: cst.CompFor) -> bool | None:
        known = [self.truth_of(self.evaluate(condition.test)) for condition in clause.ifs]
        if False in known:
            return False
        return True if None not in known else None

    def _yield(self, node: cst.Yield) -> Value:
        value: Value = NONE
        if node.value is not None:
            inner = node.value.item if isinstance(node.value, cst.From) else node.value
            value = self.evaluate(inner)
        if self.where.yields is not None:
            self.where.yields(value)
        return self.fresh("sent")

    def pick(self, outcomes: Callable[[], list[Outcome[Value]]]) -> Value:
        """Continue on one of several outcomes (of a followed call); the others are other paths."""
        from peftlint.semantics.core import Diverges

        computed = self.remembered(outcomes)
        if not computed:
            raise Diverges
        chosen = computed[self.choose(len(computed))]
        self.state = chosen.state.fork()
        result: Value = chosen.result
        return result


_EMPTY_CALL = cst.Call(func=cst.Name("property"))
