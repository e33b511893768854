"""What assignments and deletions change."""

from __future__ import annotations

from typing import Any

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.calls import Calls
from peftlint.semantics.events import AttributeAssigned, ModelDropped
from peftlint.semantics.records import TYPESTATE, DictBox, Instance, ListBox, Trainer
from peftlint.semantics.state import ATTRIBUTE_FRAME, canonical_name
from peftlint.semantics.values import (
    BoundLibrary,
    Class,
    Constant,
    Reference,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

#: stands for an attribute that was deleted; made from what it held
DELETED = "deleted"


class Targets(Calls):
    """What assignments and deletions change."""

    def _augment(self, target: cst.BaseExpression | Any, operator: cst.BaseAugOp, value: Value) -> None:
        before = self.evaluate(target)
        left, right = self.state.get(before, ListBox), self.state.get(value, ListBox)
        if isinstance(operator, cst.AddAssign) and left is not None and isinstance(before, Reference):
            items = right.items if right is not None else ()
            self.state.store(
                before.id, ListBox(left.items + items, left.closed and right is not None and right.closed)
            )
            return
        if (
            isinstance(before, Constant)
            and isinstance(value, Constant)
            and isinstance(operator, cst.AddAssign)
        ):
            if isinstance(before.value, str) and isinstance(value.value, str):
                self.assign(target, Constant(before.value + value.value))
                return
            if isinstance(before.value, int) and isinstance(value.value, int) and not self.where.loops:
                # in a loop it counts rounds, of which only some are run
                self.assign(target, Constant(before.value + value.value))
                return
        self.assign(
            target,
            self.fresh("sum", sources_of(before) | sources_of(value), parts_of(before) | parts_of(value)),
        )

    def _delete(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.Name):
            value = self.lookup(node.value)
            self.state.unbind(self.frame_for(node.value), node.value)
        else:
            value = self.evaluate(node)
            if isinstance(node, cst.Attribute):
                owner = self.evaluate(node.value)
                if isinstance(owner, Reference) and self.state.get(owner, Instance):
                    held = frozenset({value.id}) if isinstance(value, Reference) else frozenset()
                    self.set_attribute(owner, node.attr.value, self.fresh(DELETED, held))
        network = self.network_id(value)
        if network is not None and isinstance(value, Reference):
            name = self.syntax.text(node)
            self.emit(
                ModelDropped(node=node, syntax=self.syntax, network=network, handle=value.id, name=name)
            )

    def frame_for(self, name: str) -> int:
        """The frame that an assignment to the name in the current function writes."""
        name = canonical_name(name)
        if name in self.global_names.get(self.where.frame, ()):
            return self.where.module_frame
        return self.nonlocal_frames.get((self.where.frame, name), self.where.frame)

    def _bind_nonlocal(self, names: list[str]) -> None:
        # an assignment then writes to the frame of the function around this one that has the name
        for name in names:
            frame: int | None = self.frame_parents.get(self.where.frame)
            while frame is not None and name not in self.state.frames.get(frame, {}):
                frame = self.frame_parents.get(frame)
            if frame is not None:
                self.nonlocal_frames[(self.where.frame, name)] = frame

    def assign(self, target: cst.BaseExpression | Any, value: Value) -> None:
        match target:
            case cst.Name(value=name):
                self.state.bind(self.frame_for(name), name, value)
            case cst.Attribute():
                self._assign_attribute(target, value)
            case cst.Subscript():
                self._assign_item(target, value)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                self._unpack(elements, value)
            case cst.StarredElement(value=inner):
                self.assign(inner, value)

    def _assign_attribute(self, target: cst.Attribute, value: Value) -> None:
        self.assign_attribute(self.evaluate(target.value), target.attr.value, value, target)

    def assign_attribute(self, owner: Value, name: str, value: Value, target: cst.BaseExpression) -> None:
        """`owner.name = value`, or `setattr(owner, "name", value)`: `target` is then the call."""
        record = self.state.record(owner)
        if isinstance(owner, Reference) and isinstance(record, Instance):
            self.set_attribute(owner, name, value)
            return
        if isinstance(owner, Reference) and isinstance(record, Trainer) and name == "model":
            # what it trains and saves from here on
            self.state.change(owner.id, model=value, network=self.network_id(value))
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
