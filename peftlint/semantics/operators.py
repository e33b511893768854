"""Operators of expressions, and the truth of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics import constants
from peftlint.semantics.events import Compared
from peftlint.semantics.python_version import python_version_is
from peftlint.semantics.records import Context, DictBox, Instance, ListBox, Network, Output, Wrapper
from peftlint.semantics.values import (
    NONE,
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
    pass

from peftlint.semantics.parts import Parts

_KIND_OF_COMPARISON: dict[type[cst.BaseCompOp], str] = {
    cst.Is: "is",
    cst.IsNot: "is",
    cst.Equal: "equal",
    cst.NotEqual: "equal",
    cst.In: "in",
    cst.NotIn: "in",
}

#: begins the part of a condition `x in box` that names a constant in the box
HOLDS = "holds:"


class Operators(Parts):
    """Operators of expressions, and the truth of conditions."""

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
            if isinstance(node.operator, cst.Divide) and isinstance(left.value, str):
                return Constant(f"{left.value.rstrip('/')}/{right.value}")
            computed = constants.binary(type(node.operator), left.value, right.value)
            if computed is not None:
                return Constant(computed)
        lists = [self.state.get(value, ListBox) for value in (left, right)]
        if isinstance(node.operator, cst.Add) and lists[0] and lists[1]:
            return self.make(ListBox(lists[0].items + lists[1].items, lists[0].closed and lists[1].closed))
        return self.combined(type(node.operator).__name__, left, right)

    def _comparison(self, node: cst.Comparison) -> Value:
        left = self.evaluate(node.left)
        results: list[Value] = []
        for target in node.comparisons:
            right = self.evaluate(target.comparator)
            results.append(self._compare(left, target.operator, right, node))
            left = right
        if len(results) == 1:
            return results[0]
        known = [self.truth_of(result) for result in results]
        if False in known or None not in known:
            return Constant(all(known))
        return self.combined("and", *results)

    def _compare(self, left: Value, operator: cst.BaseCompOp, right: Value, node: cst.Comparison) -> Value:
        fulfilled = python_version_is(left, operator, right)
        if fulfilled is not None:
            return Constant(fulfilled)
        match _KIND_OF_COMPARISON.get(type(operator)):
            case "is":
                flip = type(operator) is cst.IsNot
                if right == NONE:
                    known = self._is_none(left)
                    if known is not None:
                        return Constant(known != flip)
                    # `x is None` is decided together with the truth of x: programs mean the same by both
                    return left if flip else self.combined("not", left)
                known = self._is_constant(left, right) if isinstance(right, Constant) else None
                if known is None and left == right:
                    known = True
            case "equal":
                flip = type(operator) is cst.NotEqual
                self._note_comparison(left, right, "equality", not flip, node)
                if isinstance(left, Constant) and isinstance(right, Constant):
                    known = left.value == right.value
                else:
                    known = self._equality_assumed(left, right)
                    if known is None:
                        symbol = Symbol(f"{key_of(left)}=={key_of(right)}", frozenset(), parts_of(left))
                        return self.combined("not", symbol) if flip else symbol
            case "in":
                flip = type(operator) is cst.NotIn
                self._note_comparison(left, right, "in", not flip, node)
                items, closed = self.items_of(right)
                if isinstance(left, Constant) and isinstance(right, Constant):
                    known = constants.within(left.value, right.value)
                elif left in items:
                    known = True
                elif closed and isinstance(left, Constant) and all(isinstance(i, Constant) for i in items):
                    known = False
                else:
                    known = None
                if known is None:
                    # what is not in it is none of those that are
                    held = frozenset(f"{HOLDS}{key_of(i)}" for i in items if isinstance(i, Constant))
                    symbol = Symbol(f"{key_of(left)} in {key_of(right)}", frozenset(), parts_of(left) | held)
                    return self.combined("not", symbol) if flip else symbol
            case _:
                return self._order(left, operator, right)
        if known is None:
            symbol = self.combined("is", left, right)
            return self.combined("not", symbol) if flip else symbol
        return Constant(known != flip)

    def _order(self, left: Value, operator: cst.BaseCompOp, right: Value) -> Value:
        swapped, flip = constants.ORDER.get(type(operator), (False, False))
        if swapped:
            left, right = right, left
        if isinstance(left, Constant) and isinstance(right, Constant):
            known = constants.less(left.value, right.value)
            return Constant(known != flip) if known is not None else self.fresh("order")
        symbol = self.combined("less", left, right)
        return self.combined("not", symbol) if flip else symbol

    def _is_constant(self, left: Value, right: Constant) -> bool | None:
        """Is `left is right`, for a constant as in `x is True`? None if that is not known."""
        if isinstance(left, Constant):
            return type(left.value) is type(right.value) and left.value == right.value
        if not isinstance(right.value, bool):
            return None
        opposite = self.state.assumed(self.combined("is", left, Constant(not right.value)).key)
        return False if opposite or self._is_opposite(left, right.value) else None

    def _is_opposite(self, value: Value, wanted: bool) -> bool:
        """What is true may be another thing than `True`, but it is not `False`; and the other way round."""
        known = self.truth_of(value)
        return known is not None and known != wanted

    def _note_comparison(self, left: Value, right: Value, how: str, equal: bool, node: cst.CSTNode) -> None:
        if self.computed(left) or self.computed(right):
            left, right = self._held_now(left), self._held_now(right)
            self.emit(
                Compared(node=node, syntax=self.syntax, left=left, right=right, how=how, expects_equal=equal)
            )

    def _held_now(self, value: Value) -> Value:
        """A list as it is now."""
        box = self.state.get(value, ListBox)
        return value if box is None else Sequence(box.items)

    def computed(self, value: Value) -> bool:
        """Was the value made from what a model gave, or is it a list of such values?"""
        box = self.state.get(value, ListBox)
        if box is not None:
            return any(not isinstance(item, Reference) and self.computed(item) for item in box.items)
        return any(isinstance(self.state.heap.get(source), Output) for source in sources_of(value))

    def _equality_assumed(self, left: Value, right: Value) -> bool | None:
        if left == right:
            return True
        beginning = f"{key_of(left)}=="
        wanted = f"{beginning}{key_of(right)}"
        for decision in self.state.decisions:
            if decision.key == wanted:
                return decision.outcome
            if decision.outcome and isinstance(right, Constant) and decision.key.startswith(beginning):
                return False
        if isinstance(right, Constant) and isinstance(right.value, bool):
            return False if self._is_opposite(left, right.value) else None
        return None

    def _is_none(self, value: Value) -> bool | None:
        match value:
            case Constant(value=constant):
                return constant is None
            case Symbol(key=key):
                # only a *false* truth value could hide another falsy value; see `_compare`
                assumed = self.state.assumed(key)
                return None if assumed is None else not assumed
            case Reference(id=identity) if identity in self.nullable:
                assumed = self.state.assumed(key_of(value))
                return None if assumed is None else not assumed
            case BoundLibrary() if not self.is_method(value):
                # data of a library's object (`trainer.ref_model`): it may be None
                assumed = self.state.assumed(key_of(value))
                return None if assumed is None else not assumed
            case _:
                return False

    def condition(self, node: cst.BaseExpression) -> bool:
        """The truth of a condition on this path; where it is not known, the path decides and remembers."""
        # by exact type: libcst's classes are abstract ones, of which `isinstance` takes ten times as long
        kind = type(node)
        if kind is cst.BooleanOperation:
            left, right = node.left, node.right  # type: ignore[attr-defined]
            if type(node.operator) is cst.And:  # type: ignore[attr-defined]
                return self.condition(left) and self.condition(right)
            return self.condition(left) or self.condition(right)
        if kind is cst.UnaryOperation and type(node.operator) is cst.Not:  # type: ignore[attr-defined]
            expression = node.expression  # type: ignore[attr-defined]
            if type(expression) is not cst.Call:
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
            case Reference(id=identity) if identity in self.nullable:
                return self.state.assumed(key_of(value))
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
