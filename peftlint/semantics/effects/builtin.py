"""Python's own functions."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics import constants
from peftlint.semantics.effects import training
from peftlint.semantics.effects.common import values_of
from peftlint.semantics.effects.opaque import ONLY_PEFT_MODELS, promote
from peftlint.semantics.records import (
    Config,
    DictBox,
    Instance,
    ListBox,
    Network,
    Trainer,
    Wrapper,
)
from peftlint.semantics.values import (
    FALSE,
    NONE,
    TRUE,
    BoundLibrary,
    Class,
    Constant,
    Library,
    Reference,
    Sequence,
    Super,
    Symbol,
    Value,
    key_of,
    parts_of,
    text,
)

if TYPE_CHECKING:
    from peftlint.semantics.calls import Argument
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def builtin(interpreter: Interpreter, name: str, call: Call, arguments: Items[Argument]) -> Value:
    """A call of a builtin function."""
    args = [a.value for a in arguments if a.keyword is None and not a.star]
    if len(args) == len(arguments) and all(isinstance(arg, Constant) for arg in args):
        computed = constants.function(name, [arg.value for arg in args if isinstance(arg, Constant)])
        if computed is not None:
            return Constant(computed)
    match name:
        case "isinstance" if len(args) == 2:
            return is_instance(interpreter, args[0], args[1])
        case "issubclass" | "callable":
            return interpreter.combined(name, *args)
        case "bool" if len(args) == 1:
            known = interpreter.truth_of(args[0])
            if known is not None:
                return Constant(known)
            # decided together with what it is the truth of
            return interpreter.combined("not", interpreter.combined("not", args[0]))
        case "hasattr" if len(args) == 2:
            return _hasattr(interpreter, args[0], args[1])
        case "getattr" if len(args) >= 2 and text(args[1]) is not None:
            found = interpreter.attribute(args[0], str(text(args[1])))
            if len(args) == 3 and isinstance(found, Symbol | BoundLibrary):
                return interpreter.combined("getattr", *args)
            return found
        case "setattr" if len(args) == 3 and text(args[1]) is not None and isinstance(args[0], Reference):
            interpreter.assign_attribute(args[0], str(text(args[1])), args[2], call.node)
            return NONE
        case "setattr" if len(args) == 3 and isinstance(interpreter.state.record(args[0]), Instance):
            _any_attribute_set(interpreter, args[0])
            return NONE
        case "setattr" if len(args) == 3 and isinstance(args[0], Symbol):
            # a layer is replaced by hand
            interpreter.forget(sorted(training.networks_behind(interpreter, args[0])))
            return NONE
        case "super":
            return _super(interpreter)
        case "enumerate" if args:
            entries = interpreter.iteration_items(args[0])
            items, closed = interpreter.items_of(args[0])
            closed = closed and len(items) == len(entries)
            given = (
                args[1]
                if len(args) > 1
                else next((a.value for a in arguments if a.keyword == "start"), Constant(0))
            )
            first = given.value if isinstance(given, Constant) and isinstance(given.value, int) else None
            indices = [
                Constant(first + i) if closed and first is not None else interpreter.fresh("index")
                for i in range(len(entries))
            ]
            pairs = tuple(Sequence(pair) for pair in zip(indices, entries, strict=True))
            return interpreter.make(ListBox(pairs, closed))
        case "zip" if args:
            return _zip(interpreter, args)
        case "list" | "tuple" | "set" | "sorted" | "reversed" | "frozenset" if args:
            items, closed = interpreter.items_of(args[0])
            if closed and name not in ("reversed",):
                return Sequence(items) if name == "tuple" else interpreter.make(ListBox(items))
            if isinstance(args[0], Symbol) and name in ("list", "tuple", "sorted"):
                return args[0]
            made = interpreter.combined(name, *args)
            return replace(made, parts=made.parts.union(*map(parts_of, items)))
        case "list" | "set" | "tuple":
            return interpreter.make(ListBox(()))
        case "dict":
            return _dict(interpreter, args, arguments)
        case "str" if len(args) == 1:
            constant = args[0]
            return (
                Constant(str(constant.value))
                if isinstance(constant, Constant)
                else interpreter.combined("f", *args)
            )
        case "len" if len(args) == 1:
            items, closed = interpreter.items_of(args[0])
            return Constant(len(items)) if closed else interpreter.combined("len", *args)
        case "any" | "all" if len(args) == 1:
            return _quantified(interpreter, name, args[0])
        case "exit" | "quit":
            from peftlint.semantics.paths import Diverges

            raise Diverges
        case "next" if args:
            items, _ = interpreter.items_of(args[0])
            return items[0] if items else interpreter.derived("next", *args)
        case "map" | "filter" if len(args) == 2:
            if name == "map":
                return mapped(interpreter, args[0], args[1], call)
            return interpreter.derived(name, *args)
        case "range" if args:
            if all(isinstance(a, Constant) and isinstance(a.value, int) for a in args):
                numbers = range(*(int(a.value) for a in args))  # type: ignore[union-attr]
                if len(numbers) <= 4:
                    return Sequence(tuple(Constant(n) for n in numbers))
            return interpreter.combined("range", *args)
        case "staticmethod" | "classmethod" | "property" | "vars" | "iter" if args:
            return args[0]
    return interpreter.derived(name, *values_of(call))


def _any_attribute_set(interpreter: Interpreter, owner: Value) -> None:
    """`setattr(config, key, value)` under a name that is not known: every plain attribute may be another now."""
    record = interpreter.state.get(owner, Instance)
    assert record is not None and isinstance(owner, Reference)
    names = [name for name, value in record.attributes if not interpreter.matters(value)]
    if isinstance(record.cls, Class):
        names += [name for name in record.cls.fields if record.attribute(name) is None]
    for name in names:
        interpreter.set_attribute(owner, name, Symbol(f"#{owner.id}.{name}?"))


def _quantified(interpreter: Interpreter, name: str, values: Value) -> Value:
    """any(...) or all(...): known where its items decide it, else made from them."""
    items, closed = interpreter.items_of(values)
    known = [interpreter.truth_of(item) for item in items]
    deciding = name == "any"
    if deciding in known:
        return Constant(deciding)
    if closed and all(each is (not deciding) for each in known):
        return Constant(not deciding)
    return interpreter.combined(name, *items) if items else interpreter.combined(name, values)


def is_instance(interpreter: Interpreter, value: Value, classes: Value) -> Value:
    options = classes.items if isinstance(classes, Sequence) else (classes,)
    answers = [_is_a(interpreter, value, option) for option in options]
    if any(answer is True for answer in answers):
        return TRUE
    if all(answer is False for answer in answers):
        return FALSE
    if isinstance(value, Symbol):
        if interpreter.decided(f"isinstance({value.key},{key_of(classes)})", parts_of(value)):
            names = [o.name for o in options if isinstance(o, Library)]
            if names and all(_is_peft_class(n) for n in names):
                promote(interpreter, value, wrapped=True)
            return TRUE
        return FALSE
    return interpreter.combined("isinstance", value, classes)


def _is_peft_class(name: str) -> bool:
    return name.startswith("peft.PeftModel") or name == "peft.PeftMixedModel"


def _is_a(interpreter: Interpreter, value: Value, cls: Value) -> bool | None:
    record = interpreter.state.record(value)
    if isinstance(cls, Library):
        last = cls.name.rpartition(".")[2]
        if isinstance(record, Wrapper):
            if _is_peft_class(cls.name):
                return True if last in ("PeftModel", record.class_name) or record.mixed else None
            return (
                True
                if last in ("Module", "PushToHubMixin")
                else (False if last.startswith("PreTrained") else None)
            )
        if isinstance(record, Network):
            if _is_peft_class(cls.name):
                # a value that is not known to be bare may well be a wrapper
                return False if record.kind in ("transformers", "diffusers", "torch") else None
            return None
        if isinstance(record, Config):
            return True if last in ("PeftConfig", record.class_name) else None
        if isinstance(record, ListBox | DictBox) and cls.name.startswith("builtins."):
            return last == ("list" if isinstance(record, ListBox) else "dict")
        if isinstance(value, Constant) and cls.name.startswith("builtins."):
            return type(value.value).__name__ == last
        if isinstance(value, Sequence) and cls.name.startswith("builtins."):
            return last == "tuple"
    if isinstance(cls, Class) and isinstance(record, Instance) and isinstance(record.cls, Class):
        current: list[Value] = [record.cls]
        while current:
            each = current.pop()
            if each is cls:
                return True
            if isinstance(each, Class):
                current.extend(each.bases)
        return False
    return None


def _hasattr(interpreter: Interpreter, value: Value, name: Value) -> Value:
    record = interpreter.state.record(value)
    wanted = text(name)
    if isinstance(record, Wrapper) and wanted in (
        "peft_config",
        "merge_and_unload",
        "base_model",
        "active_adapter",
    ):
        return TRUE
    if isinstance(record, Network) and wanted == "merge_and_unload" and record.kind == "transformers":
        return FALSE
    if isinstance(record, Instance) and wanted is not None and record.attribute(wanted) is not None:
        return TRUE
    if isinstance(record, Trainer) and wanted is not None:
        from peftlint.semantics.api import tables

        if tables.method("trainer", wanted) is not None:
            return TRUE
    if isinstance(value, Symbol) and wanted in ONLY_PEFT_MODELS:
        if interpreter.decided(f"hasattr({value.key},{wanted})", parts_of(value)):
            promote(interpreter, value, wrapped=True)
            return TRUE
        return FALSE
    return interpreter.combined("hasattr", value, name)


def _super(interpreter: Interpreter) -> Value:
    frame = interpreter.state.frames.get(interpreter.where.frame, {})
    for node in reversed(interpreter.where.functions):
        owner = interpreter.owners.get(node)
        if owner is not None and isinstance(node, cst.FunctionDef):
            parameters = (*node.params.posonly_params, *node.params.params)
            if parameters and parameters[0].name.value in frame:
                return Super(frame[parameters[0].name.value], owner)
    return interpreter.fresh("super")


def _zip(interpreter: Interpreter, args: list[Value]) -> Value:
    columns = [interpreter.iteration_items(arg) for arg in args]
    closed = all(interpreter.items_of(arg)[1] for arg in args)
    rows = tuple(Sequence(row) for row in zip(*columns, strict=False))
    return interpreter.make(ListBox(rows, closed))


def _dict(interpreter: Interpreter, args: list[Value], arguments: Items[Argument]) -> Value:
    items: dict[Value, Value] = {}
    closed = True
    for arg in args:
        box = interpreter.state.get(arg, DictBox)
        if box is not None:
            items |= dict(box.items)
            closed = closed and box.closed
        else:
            closed = False
    for argument in arguments:
        if argument.keyword is not None:
            items[Constant(argument.keyword)] = argument.value
        elif argument.star:
            closed = False
    return interpreter.make(DictBox(tuple(items.items()), closed))


def mapped(interpreter: Interpreter, function: Value, values: Value, call: Call) -> Value:
    """`map(function, values)`, by Python itself or by the threads of a pool."""
    items, closed = interpreter.items_of(values)
    if items:
        results = tuple(interpreter.call_value(function, (item,), call.node) for item in items)
        return interpreter.make(ListBox(results, closed))
    return interpreter.derived("map", function, values)
