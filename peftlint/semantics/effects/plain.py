"""Functions that only make something of their arguments: paths, partials, copies of configs, downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import values_of
from peftlint.semantics.records import (
    Config,
    DictBox,
    Instance,
)
from peftlint.semantics.values import (
    NONE,
    BoundLibrary,
    Class,
    Constant,
    FieldDefault,
    Partial,
    Value,
    text,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def make_partial(interpreter: Interpreter, call: Call) -> Value:
    if not call.extra or call.open:
        return interpreter.derived("partial", *values_of(call))
    return Partial(call.extra[0], call.extra[1:], tuple({**call.arguments, **call.unknown}.items()))


def record_field(interpreter: Interpreter, call: Call) -> Value:
    """`dataclasses.field(...)`, `attrs.field(...)`, `pydantic.Field(...)`: what stands for the default of a field."""
    given = {**call.arguments, **call.unknown}
    factory = given.get("default_factory") or given.get("factory")
    if factory is not None and not call.open:
        return FieldDefault(factory)
    default = given.get("default")
    return interpreter.fresh("field") if call.open or default in (None, Constant(...)) else default


def as_dict(interpreter: Interpreter, call: Call) -> Value:
    """`dataclasses.asdict(options)`: a dictionary of the record's fields."""
    values = values_of(call)
    if len(values) == 1 and not call.open:
        found = _fields(interpreter, values[0])
        if found is not None:
            return found
    return interpreter.derived("asdict", *values)


def _fields(interpreter: Interpreter, value: Value) -> Value | None:
    """The fields of a record of the program, those of records in it likewise; None if it is no such record."""
    record = interpreter.state.get(value, Instance)
    if record is None or not isinstance(record.cls, Class) or not record.cls.fields:
        return None
    items: list[tuple[Value, Value]] = []
    for name in record.cls.fields:
        held = record.attribute(name) or interpreter.fresh(name)
        items.append((Constant(name), _fields(interpreter, held) or held))
    return interpreter.make(DictBox(tuple(items)))


def replace_config(interpreter: Interpreter, call: Call) -> Value:
    """dataclasses.replace(config, name=value)."""
    values = values_of(call)
    config = interpreter.state.get(values[0], Config) if values else None
    if config is None:
        return interpreter.derived("replaced", *values)
    changes = {**call.arguments, **call.unknown}
    arguments = {**dict(config.arguments), **changes}
    return interpreter.make(
        replace(config, arguments=tuple(arguments.items()), changed=(*config.changed, *changes))
    )


def join_path(interpreter: Interpreter, call: Call) -> Value:
    values = values_of(call)
    texts = [text(value) for value in values]
    if values and all(t is not None for t in texts):
        return Constant("/".join(str(t).rstrip("/") for t in texts))
    return interpreter.combined("path", *values)


def make_path(interpreter: Interpreter, call: Call) -> Value:
    values = values_of(call)
    if len(values) == 1:
        return values[0]
    return join_path(interpreter, call)


def downloaded(interpreter: Interpreter, call: Call) -> Value:
    """hf_hub_download(repo_id, filename), snapshot_download(repo_id): the local copy stands for what it copies."""
    local = call.unknown.get("local_dir")
    parts = [local if local is not None and local != NONE else call.value("repo_id"), call.value("filename")]
    if call.open or parts[0] is None:
        return interpreter.combined("downloaded", *values_of(call))
    return join_path(
        interpreter,
        replace(
            call, arguments={str(i): p for i, p in enumerate(parts) if p is not None}, unknown={}, extra=()
        ),
    )


def call_elsewhere(interpreter: Interpreter, call: Call) -> Value:
    """asyncio.to_thread(function, *args, **keywords): the call happens, elsewhere."""
    if not call.extra:
        return interpreter.derived("call", *values_of(call))
    return interpreter.call_with(call.extra[0], call.extra[1:], {**call.arguments, **call.unknown}, call.node)


def make_thread(interpreter: Interpreter, call: Call) -> Value:
    """`threading.Thread(target=model.generate, kwargs=...)`: the method runs, whatever else runs at the time.

    A function of the program is left to be run by itself: what it meets depends on when the thread gets there.
    """
    target, values = call.value("target"), values_of(call)
    if isinstance(target, BoundLibrary) and not call.open:
        args, _ = interpreter.items_of(call.value("args") or NONE)
        given = interpreter.state.get(call.value("kwargs"), DictBox)
        named = {str(key.value): v for key, v in given.items if isinstance(key, Constant)} if given else {}
        interpreter.call_with(target, args, named, call.node)
    else:
        interpreter.escape(call, values)
    return interpreter.make(Instance("threading.Thread"))


def first_argument(interpreter: Interpreter, call: Call) -> Value:
    """asyncio.run(coroutine): what the coroutine gives."""
    del interpreter
    return call.extra[0] if call.extra else NONE
