"""Lists, dicts and texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics import constants
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
    """`options.get(key, default)`."""
    if not call.extra:
        return interpreter.fresh("item")
    box = interpreter.state.get(call.receiver, DictBox)
    if box is not None and _lacks(box, call.extra[0]):
        return call.extra[1] if len(call.extra) > 1 else NONE
    return interpreter.item(call.receiver or NONE, call.extra[0])


def _lacks(box: DictBox, key: Value) -> bool:
    """Is the key surely not in it?"""
    known = (
        box.closed and isinstance(key, Constant) and all(isinstance(each, Constant) for each, _ in box.items)
    )
    return known and box.get(key) is None


def dict_pop(interpreter: Interpreter, call: Call) -> Value:
    """`options.pop(key, default)`: the others stay."""
    box = interpreter.state.get(call.receiver, DictBox)
    if box is None or not call.extra or not isinstance(call.receiver, Reference):
        return change_container(interpreter, call)
    key = call.extra[0]
    if _lacks(box, key):
        return call.extra[1] if len(call.extra) > 1 else interpreter.fresh("item")
    found = box.get(key)
    if found is None:
        return change_container(interpreter, call)
    rest = tuple(item for item in box.items if item[0] != key)
    interpreter.state.store(call.receiver.id, replace(box, items=rest))
    return found


def dict_setdefault(interpreter: Interpreter, call: Call) -> Value:
    """`options.setdefault(key, default)`."""
    box = interpreter.state.get(call.receiver, DictBox)
    if box is None or len(call.extra) < 2 or not isinstance(call.receiver, Reference):
        return change_container(interpreter, call)
    key, default = call.extra[:2]
    found = box.get(key)
    if found is not None:
        return found
    if not _lacks(box, key):
        return change_container(interpreter, call)
    interpreter.state.store(call.receiver.id, replace(box, items=(*box.items, (key, default))))
    return default


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
    """A method of a number or a text."""
    name = call.callee.partition(":")[2]
    given = call.extra
    if isinstance(call.receiver, Constant) and not call.arguments:
        options = [_plain(value) for value in given]
        if all(known for known, _ in options):
            result = constants.method(call.receiver.value, name, [value for _, value in options])
            if isinstance(result, list):
                return interpreter.make(ListBox(tuple(Constant(part) for part in result)))
            if isinstance(result, tuple):
                return Sequence(tuple(Constant(part) for part in result))
            if result is not None:
                return Constant(result)
    return interpreter.combined(name, call.receiver or NONE, *call.extra)


def _plain(value: Value) -> tuple[bool, object]:
    """Is it known as Python has it, and what is it? (`name.startswith(("a", "b"))` is given a tuple.)"""
    if isinstance(value, Constant):
        return True, value.value
    if isinstance(value, Sequence) and all(isinstance(item, Constant) for item in value.items):
        return True, tuple(item.value for item in value.items if isinstance(item, Constant))
    return False, None
