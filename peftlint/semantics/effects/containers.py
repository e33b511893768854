"""Lists, dicts and texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.records import (
    DictBox,
    ListBox,
)
from peftlint.semantics.values import (
    NONE,
    Constant,
    Reference,
    Sequence,
    Value,
    sources_of,
    text,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def append(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, ListBox)
    if box is not None and isinstance(call.receiver, Reference):
        interpreter.state.store(call.receiver.id, ListBox((*box.items, *call.extra), box.closed))
        interpreter.stored |= (
            set().union(*(sources_of(value) for value in call.extra)) if call.extra else set()
        )
    return NONE


def extend(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, ListBox)
    if box is not None and isinstance(call.receiver, Reference) and call.extra:
        items, closed = interpreter.items_of(call.extra[0])
        interpreter.state.store(call.receiver.id, ListBox(box.items + items, box.closed and closed))
    return NONE


def change_container(interpreter: Interpreter, call: Call) -> Value:
    """Other methods that change a list or dict: what it holds is no longer known exactly."""
    record = interpreter.state.record(call.receiver)
    if isinstance(record, ListBox | DictBox) and isinstance(call.receiver, Reference):
        interpreter.state.store(call.receiver.id, replace(record, closed=False))
    return interpreter.fresh("item")


def dict_get(interpreter: Interpreter, call: Call) -> Value:
    if not call.extra:
        return interpreter.fresh("item")
    return interpreter.item(call.receiver or NONE, call.extra[0])


def dict_items(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, DictBox)
    assert box is not None
    return interpreter.make(ListBox(tuple(Sequence(pair) for pair in box.items), box.closed))


def dict_keys(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, DictBox)
    assert box is not None
    return interpreter.make(ListBox(tuple(key for key, _ in box.items), box.closed))


def dict_values(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, DictBox)
    assert box is not None
    return interpreter.make(ListBox(tuple(value for _, value in box.items), box.closed))


def dict_update(interpreter: Interpreter, call: Call) -> Value:
    box = interpreter.state.get(call.receiver, DictBox)
    if box is not None and isinstance(call.receiver, Reference):
        items = dict(box.items)
        closed = box.closed
        for value in call.extra:
            other = interpreter.state.get(value, DictBox)
            closed = closed and other is not None and other.closed
            items |= dict(other.items) if other is not None else {}
        items |= {Constant(name): value for name, value in call.arguments.items()}
        interpreter.state.store(call.receiver.id, DictBox(tuple(items.items()), closed))
    return NONE


def text_method(interpreter: Interpreter, call: Call) -> Value:
    """A method of a string constant."""
    name = call.callee.partition(":")[2]
    constant = text(call.receiver)
    arguments = [text(value) for value in call.extra]
    if constant is not None and all(a is not None for a in arguments):
        simple = {
            "strip",
            "lower",
            "upper",
            "replace",
            "removeprefix",
            "removesuffix",
            "rstrip",
            "lstrip",
            "split",
        }
        if name in simple and not call.arguments:
            result = getattr(constant, name)(*arguments)
            if isinstance(result, list):
                return interpreter.make(ListBox(tuple(Constant(part) for part in result)))
            return Constant(result)
    return interpreter.combined(name, call.receiver or NONE, *call.extra)
