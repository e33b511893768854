"""What iterating gives: loops, comprehensions, generators; and going on with one of several outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from peftlint.semantics.paths import Outcome
from peftlint.semantics.records import DictBox, ListBox
from peftlint.semantics.values import (
    NONE,
    BoundLibrary,
    Constant,
    Sequence,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

if TYPE_CHECKING:
    pass

from peftlint.semantics.operators import Operators

#: collections of more items than this are iterated as if their items were not known
MAX_ITEMS = 12
#: nested loops below this depth are run once instead of twice
TWICE_DEPTH = 2
#: what stands in nested loops over known items is run at most so often; then the items of the inner loop count as unknown
MAX_ROUNDS = 200


class Iteration(Operators):
    """What iterating gives: loops, comprehensions, generators; and going on with one of several outcomes."""

    def sliced(self, value: Value, node: cst.Slice) -> Value | None:
        """`value[first:last:step]` of a list, tuple or string that is wholly known; None of others."""
        bounds: list[Any] = []
        for each in (node.lower, node.upper, node.step):
            bound = self.evaluate(each) if each is not None else NONE
            if not isinstance(bound, Constant) or not (bound.value is None or isinstance(bound.value, int)):
                return None
            bounds.append(bound.value)
        if bounds[2] == 0:
            return None
        record = self.state.record(value)
        if isinstance(record, ListBox) and record.closed:
            return self.make(ListBox(record.items[slice(*bounds)]))
        if isinstance(value, Sequence):
            return Sequence(value.items[slice(*bounds)])
        if isinstance(value, Constant) and isinstance(value.value, str):
            return Constant(value.value[slice(*bounds)])
        return None

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
        return self.unknown_items(value, rounds)

    def unknown_items(self, value: Value, rounds: int) -> list[Value]:
        """Stand-ins for the items of a collection that is not known, or too large."""
        if isinstance(value, Symbol) and value.key.startswith("pairs("):
            inner = value.key[6:-1]
            return [
                Sequence(
                    (
                        self._nth(inner, n, value),
                        Symbol(f"{inner}[item({inner},{n})]", value.sources, value.parts),
                    )
                )
                for n in range(rounds)
            ]
        return [self._nth(key_of(value), n, value) for n in range(rounds)]

    def _nth(self, key: str, n: int, value: Value) -> Symbol:
        return Symbol(f"item({key},{n})", sources_of(value), parts_of(value))

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
        results: list[Value] = []
        pairs: list[tuple[Value, Value]] = []
        closed = True

        def run(clause: cst.CompFor, rounds: int, depth: int) -> None:
            nonlocal closed
            iterable = self.evaluate(clause.iter)
            known, complete = self.items_of(iterable)
            closed = closed and complete and len(known) <= MAX_ITEMS
            times = 1 if self.bounded or depth > TWICE_DEPTH else 2
            items = self.iteration_items(iterable, times)
            if len(items) * rounds > MAX_ROUNDS:
                items, closed = self.unknown_items(iterable, times), False
            for item in items:
                self.assign(clause.target, item)
                selected = self._selected(clause)
                if selected is not True:
                    closed = False
                if selected is False:
                    continue
                if clause.inner_for_in is not None:
                    run(clause.inner_for_in, rounds * len(items), depth + 1)
                    continue
                if isinstance(node, cst.DictComp):
                    pair = self.evaluate(node.key), self.evaluate(node.value)
                    if selected or self.state.matters(pair[1]):
                        pairs.append(pair)
                    continue
                with self.surroundings(filtered=self.where.filtered or selected is None):
                    result = self.evaluate(node.elt)
                # what a filter that is not known may leave out is not known to be there
                if selected or sources_of(result):
                    results.append(result)

        run(node.for_in, 1, 0)
        for kept in (*results, *(value for _, value in pairs)):
            self.stored |= sources_of(kept)
        if isinstance(node, cst.DictComp):
            return self.make(DictBox(tuple(dict(pairs).items()), closed))
        sources = frozenset().union(*(sources_of(result) for result in results))
        if sources and not any(self.state.matters(result) for result in results):
            # `[p for p in model.parameters() if ...]`: only where it comes from matters
            key = f"comprehension({','.join(key_of(result) for result in results)})"
            return Symbol(key, sources, frozenset().union(*(parts_of(result) for result in results)))
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
        from peftlint.semantics.paths import Diverges

        computed = self.remembered(outcomes)
        if not computed:
            raise Diverges
        chosen = computed[self.choose(len(computed))]
        self.state = chosen.state.fork()
        result: Value = chosen.result
        return result
