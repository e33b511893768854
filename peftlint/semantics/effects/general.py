"""Builtins, containers, context managers, and everything that is not known."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence as Items
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from peftlint.semantics.api import harmless as known_harmless
from peftlint.semantics.api.names import class_part, package
from peftlint.semantics.effects import adapters, training, using
from peftlint.semantics.effects.opaque import ONLY_PEFT_MODELS, promote
from peftlint.semantics.events import (
    AdaptersDisabled,
    CacheCleared,
    Compared,
    GradientsSet,
    MethodCalled,
    StateDictUsed,
    TokensAdded,
    WeightsPatched,
)
from peftlint.semantics.records import (
    Config,
    Context,
    DictBox,
    Instance,
    ListBox,
    Network,
    Output,
    Pipeline,
    StateDict,
    Wrapper,
)
from peftlint.semantics.values import (
    FALSE,
    NONE,
    TRUE,
    BoundLibrary,
    Class,
    Constant,
    Function,
    Library,
    Partial,
    Reference,
    Sequence,
    Super,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
    text,
    truth,
)

if TYPE_CHECKING:
    from peftlint.semantics.calls import Argument
    from peftlint.semantics.events import Call, Event
    from peftlint.semantics.interpreter import Interpreter

#: methods of unknown objects whose result may differ from call to call
_CHANGING = frozenset("pop popleft next read readline get_nowait recv random sample choice input".split())

#: methods of torch.nn.Module that return the module itself
_SAME_MODULE = frozenset(
    "cuda cpu to half float double bfloat16 train eval requires_grad_ share_memory".split()
)


def _values(call: Call) -> tuple[Value, ...]:
    return (*call.extra, *call.arguments.values(), *call.unknown.values())


# -- builtins


def builtin(interpreter: Interpreter, name: str, call: Call, arguments: Items[Argument]) -> Value:
    """A call of a builtin function."""
    args = [a.value for a in arguments if a.keyword is None and not a.star]
    match name:
        case "isinstance" if len(args) == 2:
            return _isinstance(interpreter, args[0], args[1])
        case "issubclass" | "callable":
            return interpreter.combined(name, *args)
        case "hasattr" if len(args) == 2:
            return _hasattr(interpreter, args[0], args[1])
        case "getattr" if len(args) >= 2 and text(args[1]) is not None:
            found = interpreter.attribute(args[0], str(text(args[1])))
            if len(args) == 3 and isinstance(found, Symbol | BoundLibrary):
                return interpreter.combined("getattr", *args)
            return found
        case "setattr" if len(args) == 3 and text(args[1]) is not None and isinstance(args[0], Reference):
            interpreter.set_attribute(args[0], str(text(args[1])), args[2])
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
            return interpreter.combined(name, *args)
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
            from peftlint.semantics.core import Diverges

            raise Diverges
        case "next" if args:
            items, _ = interpreter.items_of(args[0])
            return items[0] if items else interpreter.derived("next", *args)
        case "map" | "filter" if len(args) == 2:
            return _map(interpreter, name, args, call)
        case "range" if args:
            if all(isinstance(a, Constant) and isinstance(a.value, int) for a in args):
                numbers = range(*(int(a.value) for a in args))  # type: ignore[union-attr]
                if len(numbers) <= 4:
                    return Sequence(tuple(Constant(n) for n in numbers))
            return interpreter.combined("range", *args)
        case "staticmethod" | "classmethod" | "property" | "vars" | "iter" if args:
            return args[0]
    return interpreter.derived(name, *_values(call))


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


def _isinstance(interpreter: Interpreter, value: Value, classes: Value) -> Value:
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


def _map(interpreter: Interpreter, name: str, args: list[Value], call: Call) -> Value:
    items, closed = interpreter.items_of(args[1])
    if name == "map" and items:
        results = tuple(interpreter.call_value(args[0], (item,), call.node) for item in items)
        return interpreter.make(ListBox(results, closed))
    return interpreter.derived(name, *args)


# -- unknown calls


def unknown_function(interpreter: Interpreter, function: Value, call: Call) -> Value:
    """A function whose body cannot be seen (or not any more): it may do anything to what it is given."""
    values = _values(call)
    _read_weights(interpreter, call, values)
    if isinstance(function, Symbol) and function.key.startswith("text:"):
        return interpreter.derived("text", *values)
    interpreter.escape(call, values, isinstance(function, Function))
    _perhaps_compared(interpreter, call, values)
    return interpreter.derived("call", function, *values)


def _read_weights(interpreter: Interpreter, call: Call, values: Items[Value]) -> None:
    """Unknown code gets weights, or a generator that will read them: here they are used as they are now."""
    for value in values:
        record = interpreter.state.record(value)
        if (
            isinstance(record, Context)
            and record.kind == "generator"
            and isinstance(record.function, Partial)
        ):
            _read_weights(interpreter, call, record.function.args)
        elif isinstance(record, StateDict) and isinstance(value, Reference):
            interpreter.emit(
                StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=value.id)
            )


def unknown_library(interpreter: Interpreter, name: str, call: Call) -> Value:
    """A library function or class without an entry in the tables."""
    values = _values(call)
    last = name.rpartition(".")[2]
    if name.startswith("torch.nn.init.") and values:
        _patched(interpreter, values[0], call.node, call)
        return values[0]
    if _compares(last):
        _compared(interpreter, call, values, "allclose")
        return interpreter.combined(f"{name}@{id(call.node)}", *values)
    if last in ("is_peft_model", "_is_peft_model") and values:
        # accelerate.utils, transformers.trainer_utils, trl.import_utils: isinstance(model, PeftModel)
        return _isinstance(interpreter, values[0], Library("peft.PeftModel"))
    if known_harmless.is_pure(name):
        return interpreter.combined(name, *values)
    if known_harmless.is_harmless(name):
        if last[:1].isupper():
            return _library_object(interpreter, name, call)
        return interpreter.derived(last, *values)
    if last[:1].isupper():
        if package(name) not in ("transformers", "peft", "diffusers", "trl", "accelerate"):
            interpreter.escape(call, values)
        return _library_object(interpreter, name, call)
    interpreter.escape(call, values)
    _perhaps_compared(interpreter, call, values)
    return interpreter.derived(last, *values)


def _library_object(interpreter: Interpreter, name: str, call: Call) -> Value:
    attributes = tuple({**call.arguments, **call.unknown}.items())
    return interpreter.make(Instance(name, attributes))


def _compares(last: str) -> bool:
    return last in (
        "allclose",
        "equal",
        "isclose",
        "array_equal",
        "assert_close",
        "assert_allclose",
        "array_equiv",
        "assert_array_equal",
        "eq",
        "ne",
        "max_diff",
        "kl_div",
        "cosine_similarity",
        "mse_loss",
        "l1_loss",
    )


#: unittest's comparisons, with what they expect
_ASSERTIONS = {
    "assertEqual": True,
    "assertListEqual": True,
    "assertSequenceEqual": True,
    "assertNotEqual": False,
}


def _compared(
    interpreter: Interpreter, call: Call, values: tuple[Value, ...], how: str, equal: bool | None = True
) -> None:
    if len(values) >= 2 and any(interpreter.computed(value) for value in values[:2]):
        interpreter.emit(
            Compared(
                node=call.node,
                syntax=interpreter.syntax,
                call=call,
                left=values[0],
                right=values[1],
                how=how,
                expects_equal=equal,
            )
        )


def _perhaps_compared(interpreter: Interpreter, call: Call, values: tuple[Value, ...]) -> None:
    """What models gave is given together to a function that cannot be seen."""
    results = tuple(value for value in values if interpreter.computed(value))
    _compared(interpreter, call, results, "perhaps", None)


def unknown_method(interpreter: Interpreter, receiver: Symbol, name: str, call: Call) -> Value:
    """A method of an object of which nothing is known."""
    values = _values(call)
    _read_weights(interpreter, call, values)
    if receiver in interpreter.suspects and not known_harmless.keeps_weights(name):
        interpreter.touch(call, (receiver,))
    match name:
        case "add_adapter":
            return adapters.add_adapter_to_unknown(interpreter, call)
        case "backward":
            return training.backward(interpreter, receiver, call)
        case "step" if not values and not receiver.sources:
            # an optimizer of which nothing is known; a scheduler's step changes no weights but says training goes on
            return training.backward(interpreter, receiver, call)
        case "decode" | "batch_decode":
            return using.decode(interpreter, receiver, call)
        case "prepare" if values and any(interpreter.networks_in(value) for value in values):
            return values[0] if len(values) == 1 else Sequence(values)
        case "unwrap_model" if values:
            return training.unwrap(interpreter, call)
        case "items" if not values:
            return Symbol(f"pairs({receiver.key})", receiver.sources, receiver.parts | {receiver.key})
        case "keys" if not values:
            return receiver
        case "allclose" | "equal" if values:
            _compared(interpreter, call, (receiver, *values), "allclose")
        case "detach" | "item" | "tolist" | "numpy" if receiver.sources and not values:
            result = interpreter.combined(f"{receiver.key}.{name}", receiver)
            return training.detach(interpreter, result) if isinstance(result, Symbol) else result
        case "requires_grad_" if receiver.sources:
            gradients_set(interpreter, receiver, values[0] if values else TRUE, call.node)
            return receiver
        case "copy_" | "fill_" | "normal_" | "zero_" | "uniform_" | "set_" if receiver.sources:
            _patched(interpreter, receiver, call.node, call)
            return receiver
        case "add_tokens" | "add_special_tokens" if values:
            reason = _reason(interpreter, values[0])
            interpreter.emit(TokensAdded(node=call.node, syntax=interpreter.syntax, call=call, reason=reason))
        case "run_in_executor" | "submit" | "to_thread" | "run_sync" | "apply_async" if values:
            skipped = 1 if name == "run_in_executor" else 0
            if len(call.extra) > skipped:
                return interpreter.call_with(
                    call.extra[skipped], call.extra[skipped + 1 :], call.arguments, call.node
                )
        case "cache_clear" | "clear":
            interpreter.emit(CacheCleared(node=call.node, syntax=interpreter.syntax, call=call, how=name))
    given = set().union(*(interpreter.networks_in(value) for value in values)) if values else set()
    if given:
        interpreter.escape(call, values)
        return interpreter.derived(name, receiver, *values)
    if receiver.key.startswith("text:"):
        return Symbol(f"{receiver.key}.{name}", receiver.sources, receiver.parts)
    if name in _CHANGING:
        return interpreter.derived(name, receiver, *values)
    return interpreter.combined(f"{receiver.key}.{name}", receiver, *values)


def _reason(interpreter: Interpreter, value: Value) -> str:
    """Which tokens are added: "new tokens" that texts hold, "padding" that none does, or "unknown"."""
    box = interpreter.state.get(value, DictBox)
    if box is None:
        items, _ = interpreter.items_of(value)
        return "new tokens" if text(value) or items else "unknown"
    keys = {text(key) for key, _ in box.items}
    if keys & {"additional_special_tokens", "extra_special_tokens"}:
        return "new tokens"
    return "padding" if box.closed and keys <= {"pad_token"} else "unknown"


def other_method(interpreter: Interpreter, receiver: Value, name: str, call: Call) -> Value:
    """A method without an entry, of an object that is known."""
    values = _values(call)
    record = interpreter.state.record(receiver)
    match record:
        case Network() | Wrapper() | Pipeline():
            if record.__class__ is Pipeline or not isinstance(record, Network | Wrapper):
                return interpreter.derived(name, receiver)
            if name in ("parameters", "named_parameters"):
                return interpreter.derived(f"all {name}", receiver)
            # the library's models keep their adapters through methods that are not listed
            return interpreter.derived(name, receiver, *values)
        case Instance(cls=cls, parent=parent):
            if name in _ASSERTIONS and isinstance(cls, Class):
                _compared(interpreter, call, values, "equality", _ASSERTIONS[name])
                return NONE
            if isinstance(cls, str) and parent is None:
                return _object_method(interpreter, receiver, cls, name, call)
            if parent is not None:
                return interpreter.derived(name, Reference(parent))
            if not values or isinstance(cls, Class):
                # a method of a library base class (nn.Module.parameters): made from the models in the object
                inner = frozenset(interpreter.networks_in(receiver))
                interpreter.escape(call, values)
                return interpreter.fresh(name, inner)
            interpreter.escape(call, values)
            return interpreter.derived(name, *values)
        case StateDict():
            assert isinstance(receiver, Reference)
            interpreter.emit(
                StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=receiver.id)
            )
            return interpreter.derived(name, receiver)
        case Output():
            return interpreter.derived(name, receiver)
    if isinstance(receiver, Super):
        return _super_method(interpreter, receiver, name, call)
    if isinstance(receiver, Constant | Sequence):
        return interpreter.combined(f"{name}", receiver, *values)
    if isinstance(receiver, BoundLibrary):
        return interpreter.derived(name, receiver.receiver)
    return interpreter.derived(name, receiver, *values)


def _object_method(interpreter: Interpreter, receiver: Value, cls: str, name: str, call: Call) -> Value:
    """A method of an object of a library class (an Accelerator, a tokenizer, a logger ...)."""
    values = _values(call)
    if name in ("decode", "batch_decode"):
        return using.decode(interpreter, receiver, call)
    if name == "enter_context" and len(values) == 1:
        result, _, _ = enter_context(interpreter, values[0], call.node)
        return result
    last = class_part(cls)
    if package(cls) == "torch" and name in _SAME_MODULE:
        return receiver
    if not known_harmless.is_harmless(cls) and package(cls) not in (
        "transformers",
        "peft",
        "accelerate",
        "diffusers",
    ):
        interpreter.escape(call, values)
    elif last == "Accelerator":
        match name:
            case "prepare" | "prepare_model" | "prepare_optimizer":
                return training.prepare_accelerator(interpreter, call)
            case "unwrap_model":
                return training.unwrap(interpreter, call)
            case "backward":
                return training.backward(interpreter, NONE, call)
    return interpreter.derived(name, *values)


def _super_method(interpreter: Interpreter, receiver: Super, name: str, call: Call) -> Value:
    """A method of a library base class: the tables may know it (`super().generate(...)`)."""
    from peftlint.semantics.api import tables

    instance = receiver.instance
    if name != "__init__":
        for kind in interpreter.kinds(instance):
            entry = tables.method(kind, name)
            if entry is not None:
                return entry.effect(interpreter, replace(call, receiver=instance))
        return interpreter.derived(name, *_values(call))
    return NONE


# -- assignments


def attribute_assigned(
    interpreter: Interpreter, owner: Value, name: str, value: Value, target: cst.CSTNode | None = None
) -> None:
    """`owner.name = value` on something that is followed."""
    record = interpreter.state.record(owner)
    if isinstance(record, Config) and isinstance(owner, Reference):
        arguments = {**dict(record.arguments), name: value}
        interpreter.state.store(
            owner.id, replace(record, arguments=tuple(arguments.items()), changed=(*record.changed, name))
        )
    elif name == "requires_grad":
        gradients_set(interpreter, owner, value, target)
    elif name == "__class__" and isinstance(owner, Reference) and isinstance(record, Network):
        # it has other methods from here on, as with the adapters library
        interpreter.forget([owner.id])
        interpreter.change_network(owner.id, kind="unknown")
    if isinstance(owner, BoundLibrary | Symbol) and name in ("data", "weight", "bias"):
        node = interpreter.where.loops[-1] if interpreter.where.loops else None
        if node is not None:
            _patched(interpreter, owner, node, None)


def _patched(interpreter: Interpreter, value: Value, node: cst.CSTNode, call: Call | None) -> None:
    """Parameters are written by hand."""
    networks = training.networks_behind(interpreter, value)
    for network in sorted(networks):
        interpreter.emit(
            WeightsPatched(
                node=node,
                syntax=interpreter.syntax,
                call=call,
                network=network,
                handle=network,
                how="by hand",
            )
        )
    interpreter.forget(networks)


#: a parameter in a loop over `model.parameters()` or `model.named_parameters()`
_EACH_PARAMETER = re.compile(r"item\(all \w+~\d+,\d+\)(\[1\])?")
_FLAGS = ("either(True|False)", "either(False|True)")


def gradients_set(interpreter: Interpreter, owner: Value, value: Value, node: cst.CSTNode | None) -> None:
    """`parameter.requires_grad = value`, usually in a loop over parameters; `loss.requires_grad_(value)`."""
    where = node or (interpreter.where.loops[-1] if interpreter.where.loops else None)
    if where is None:
        return
    of_output = any(isinstance(interpreter.state.heap.get(s), Output) for s in sources_of(owner))
    every = isinstance(owner, Symbol) and _EACH_PARAMETER.fullmatch(owner.key) is not None
    some = interpreter.where.filtered or any("item(" in d.key for d in interpreter.state.decisions)
    # a flag that branches on the parameter's name have set before: `if trainable: ...`
    some = some or any(d.key in _FLAGS for d in interpreter.state.decisions)
    filtered = not every or some
    for network in sorted(training.networks_behind(interpreter, owner)):
        interpreter.emit(
            GradientsSet(
                node=where,
                syntax=interpreter.syntax,
                network=network,
                handle=network,
                value=truth(value),
                filtered=filtered,
                of_output=of_output,
            )
        )
        record = interpreter.network(network)
        if record is not None and not of_output:
            known = truth(value) if not filtered else None
            interpreter.change_network(
                network, adapters=tuple(replace(a, trainable=known) for a in record.adapters)
            )


def item_assigned(interpreter: Interpreter, owner: Value, index: Value, value: Value) -> None:
    """`owner[index] = value`."""
    del owner, index
    interpreter.stored |= sources_of(value)


# -- context managers


def enter_context(
    interpreter: Interpreter, value: Value, node: cst.CSTNode
) -> tuple[Value, dict[str, Any], Callable[[], None] | None]:
    """What `with value as x` binds, how the surroundings change, and what is undone at the end."""
    record = interpreter.state.record(value)
    if isinstance(record, Context) and record.kind == "disable_adapter":
        network = record.network
        before = interpreter.network(network) if network is not None else None
        event = AdaptersDisabled(
            node=node, syntax=interpreter.syntax, network=network, handle=network, scope="context"
        )
        interpreter.emit(event)
        adapters.switch_layers(interpreter, network, False, event)

        def restore() -> None:
            enabled = before.enabled if before else None
            if record.enables:
                enabled = True
            elif enabled is False and before is not None and _newer(before, before.disabled_by):
                # layers that only a later adapter targets are enabled; if some are, all are from here on
                enabled = None
            elif enabled is False:
                # nothing is put back: what the block did to the layers stays
                now = interpreter.network(network) if network is not None else None
                if network is not None and now is not None and now.disabled_by is event:
                    interpreter.change_network(network, disabled_by=before.disabled_by if before else None)
                return
            adapters.switch_layers(interpreter, network, enabled, None)

        return value, {}, restore
    if isinstance(record, Instance) and isinstance(record.cls, str):
        last = record.cls.rpartition(".")[2]
        if last in ("no_grad", "inference_mode"):
            return value, {"no_grad": True}, None
        return value, {}, None
    if isinstance(record, Instance) and isinstance(record.cls, Class):
        return _enter_object(interpreter, value, record.cls)
    if isinstance(value, Symbol):
        if value.key.startswith(("no_grad", "inference_mode")):
            return value, {"no_grad": True}, None
        if (
            value.key.startswith(("raises", "assertRaises", "assertRaisesRegex", "warns"))
            or ".assertRaises" in value.key
        ):
            return value, {"expected_failure": True}, None
        return Symbol(f"entered({value.key})", value.sources, value.parts), {}, None
    return value, {}, None


def _newer(network: Network, event: Event | None) -> bool:
    """Was an adapter put in after the event?"""
    return event is None or any(a.created is None or a.created.after(event) for a in network.adapters)


def _enter_object(
    interpreter: Interpreter, value: Value, cls: Class
) -> tuple[Value, dict[str, Any], Callable[[], None] | None]:
    enter, leave = cls.lookup("__enter__"), cls.lookup("__exit__")
    result = value
    if isinstance(enter, Function):
        result = interpreter.call_value(enter, (value,), cst.Call(func=cst.Name("__enter__")))
    if not isinstance(leave, Function):
        return result, {}, None

    def restore() -> None:
        target = interpreter.state
        outcomes, _ = interpreter.attempt(
            target,
            lambda: interpreter.call_value(
                leave, (value, NONE, NONE, NONE), cst.Call(func=cst.Name("__exit__"))
            ),
        )
        if outcomes:
            target.become(outcomes[0].state)

    return result, {}, restore


# -- containers


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


def make_partial(interpreter: Interpreter, call: Call) -> Value:
    if not call.extra or call.open:
        return interpreter.derived("partial", *_values(call))
    return Partial(call.extra[0], call.extra[1:], tuple({**call.arguments, **call.unknown}.items()))


def replace_config(interpreter: Interpreter, call: Call) -> Value:
    """dataclasses.replace(config, name=value)."""
    values = _values(call)
    config = interpreter.state.get(values[0], Config) if values else None
    if config is None:
        return interpreter.derived("replaced", *values)
    changes = {**call.arguments, **call.unknown}
    arguments = {**dict(config.arguments), **changes}
    return interpreter.make(
        replace(config, arguments=tuple(arguments.items()), changed=(*config.changed, *changes))
    )


def join_path(interpreter: Interpreter, call: Call) -> Value:
    values = _values(call)
    texts = [text(value) for value in values]
    if values and all(t is not None for t in texts):
        return Constant("/".join(str(t).rstrip("/") for t in texts))
    return interpreter.combined("path", *values)


def make_path(interpreter: Interpreter, call: Call) -> Value:
    values = _values(call)
    if len(values) == 1:
        return values[0]
    return join_path(interpreter, call)


def downloaded(interpreter: Interpreter, call: Call) -> Value:
    """hf_hub_download(repo_id, filename), snapshot_download(repo_id): the local copy stands for what it copies."""
    local = call.unknown.get("local_dir")
    parts = [local if local is not None and local != NONE else call.value("repo_id"), call.value("filename")]
    if call.open or parts[0] is None:
        return interpreter.combined("downloaded", *_values(call))
    return join_path(
        interpreter,
        replace(
            call, arguments={str(i): p for i, p in enumerate(parts) if p is not None}, unknown={}, extra=()
        ),
    )


def leave(interpreter: Interpreter, call: Call) -> Value:
    """sys.exit() and the like."""
    from peftlint.semantics.core import Diverges

    del interpreter, call
    raise Diverges


def call_elsewhere(interpreter: Interpreter, call: Call) -> Value:
    """asyncio.to_thread(function, *args, **keywords): the call happens, elsewhere."""
    if not call.extra:
        return interpreter.derived("call", *_values(call))
    return interpreter.call_with(call.extra[0], call.extra[1:], {**call.arguments, **call.unknown}, call.node)


def first_argument(interpreter: Interpreter, call: Call) -> Value:
    """asyncio.run(coroutine): what the coroutine gives."""
    del interpreter
    return call.extra[0] if call.extra else NONE


def expect_failure(interpreter: Interpreter, call: Call) -> Value:
    """pytest.raises(...)."""
    del call
    return interpreter.fresh("raises")


def grad_off(interpreter: Interpreter, call: Call) -> Value:
    del call
    return interpreter.fresh("no_grad")


__all__ = ["Library", "MethodCalled", "sources_of"]
