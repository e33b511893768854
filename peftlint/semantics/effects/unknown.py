"""Functions and methods that no table knows: what they may do to what they are given."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.api import harmless as known_harmless
from peftlint.semantics.api.names import class_part, package
from peftlint.semantics.effects import adapters, preparing, training, using
from peftlint.semantics.effects.assignments import gradients_set, note_patched
from peftlint.semantics.effects.builtin import is_instance, mapped
from peftlint.semantics.effects.common import values_of
from peftlint.semantics.effects.comparisons import ASSERTIONS, compares, note_compared, note_perhaps_compared
from peftlint.semantics.effects.managers import enter_context
from peftlint.semantics.events import (
    CacheCleared,
    StateDictUsed,
    TokensAdded,
)
from peftlint.semantics.memoising import forget_memos
from peftlint.semantics.records import (
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
    text,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter

#: methods of unknown objects whose result may differ from call to call
_CHANGING = frozenset("pop popleft next read readline get_nowait recv random sample choice input".split())


#: methods of torch.nn.Module that return the module itself
_SAME_MODULE = frozenset(
    "cuda cpu to half float double bfloat16 train eval requires_grad_ share_memory".split()
)


def unknown_function(interpreter: Interpreter, function: Value, call: Call) -> Value:
    """A function whose body cannot be seen (or not any more): it may do anything to what it is given."""
    values = values_of(call)
    _read_weights(interpreter, call, values)
    if isinstance(function, Symbol) and function.key.startswith("text:"):
        return interpreter.derived("text", *values)
    interpreter.escape(call, values, isinstance(function, Function))
    note_perhaps_compared(interpreter, call, values)
    result = interpreter.derived("call", function, *values)
    # what unknown code made of a model may have layers of its own
    return training.of_others(result) if isinstance(function, Symbol) and function.sources else result


def _read_weights(interpreter: Interpreter, call: Call, values: Items[Value]) -> None:
    """Unknown code gets weights, or a generator that will read them: here they are used as they are now."""
    for value in values:
        record = interpreter.state.record(value)
        if (
            isinstance(record, Context)
            and record.kind == "generator"
            and isinstance(record.function, Partial)
        ):
            given = (*record.function.args, *(value for _, value in record.function.keywords))
            _read_weights(interpreter, call, given)
        elif isinstance(record, StateDict) and isinstance(value, Reference):
            interpreter.emit(
                StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=value.id)
            )


def unknown_library(interpreter: Interpreter, name: str, call: Call) -> Value:
    """A library function or class without an entry in the tables."""
    values = values_of(call)
    last = name.rpartition(".")[2]
    if name == "streamlit.cache_resource.clear":
        forget_memos(interpreter.state, None)
    if name.startswith("torch.nn.init.") and values:
        note_patched(interpreter, values[0], call.node, call)
        return values[0]
    if compares(last):
        note_compared(interpreter, call, values, "allclose")
        return interpreter.combined(f"{name}@{id(call.node)}", *values)
    if last in ("is_peft_model", "_is_peft_model") and values:
        # accelerate.utils, transformers.trainer_utils, trl.import_utils: isinstance(model, PeftModel)
        return is_instance(interpreter, values[0], Library("peft.PeftModel"))
    if known_harmless.is_pure(name):
        return interpreter.combined(name, *values)
    if known_harmless.is_harmless(name):
        if last[:1].isupper():
            return _library_object(interpreter, name, call)
        return interpreter.derived(last, Library(name), *values)
    if last[:1].isupper():
        if package(name) not in ("transformers", "peft", "diffusers", "trl", "accelerate"):
            interpreter.escape(call, values)
        return _library_object(interpreter, name, call)
    interpreter.escape(call, values)
    note_perhaps_compared(interpreter, call, values)
    return interpreter.derived(last, Library(name), *values)


def _library_object(interpreter: Interpreter, name: str, call: Call) -> Value:
    attributes = tuple({**call.arguments, **call.unknown}.items())
    return interpreter.make(Instance(name, attributes))


def unknown_method(interpreter: Interpreter, receiver: Symbol, name: str, call: Call) -> Value:
    """A method of an object of which nothing is known."""
    values = values_of(call)
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
            return preparing.unwrap(interpreter, call)
        case "parameters" | "named_parameters" if receiver.sources:
            return training.of_others(interpreter.combined(f"{receiver.key}.{name}", receiver))
        case "items" if not values:
            return Symbol(f"pairs({receiver.key})", receiver.sources, receiver.parts | {receiver.key})
        case "keys" if not values:
            return receiver
        case "allclose" | "equal" if values:
            note_compared(interpreter, call, (receiver, *values), "allclose")
        case "detach" | "item" | "tolist" | "numpy" if receiver.sources and not values:
            result = interpreter.combined(f"{receiver.key}.{name}", receiver)
            return training.detach(interpreter, result) if isinstance(result, Symbol) else result
        case "requires_grad_" if receiver.sources:
            gradients_set(interpreter, receiver, values[0] if values else TRUE, call.node)
            return receiver
        case "copy_" | "fill_" | "normal_" | "zero_" | "uniform_" | "set_" if receiver.sources:
            note_patched(interpreter, receiver, call.node, call)
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
        items, closed = interpreter.items_of(value)
        listed = isinstance(interpreter.state.record(value), ListBox) and not closed
        # a list that is put together of what is not known (the lines of a file) is there because something is in it
        return "new tokens" if text(value) or items or listed else "unknown"
    keys = {text(key) for key, _ in box.items}
    if keys & {"additional_special_tokens", "extra_special_tokens"}:
        return "new tokens"
    return "padding" if box.closed and keys <= {"pad_token"} else "unknown"


def other_method(interpreter: Interpreter, receiver: Value, name: str, call: Call) -> Value:
    """A method without an entry, of an object that is known."""
    values = values_of(call)
    if isinstance(receiver, Function) and name in ("cache_clear", "clear"):
        forget_memos(interpreter.state, receiver)
    record = interpreter.state.record(receiver)
    match record:
        case Network() | Wrapper() | Pipeline():
            if record.__class__ is Pipeline or not isinstance(record, Network | Wrapper):
                return interpreter.derived(name, receiver)
            if isinstance(record, Network) and record.kind == "unknown":
                if name == "add_adapter":
                    return adapters.add_adapter_to_unknown(interpreter, call)
                if receiver in interpreter.suspects and not known_harmless.keeps_weights(name):
                    interpreter.touch(call, (receiver,))
            if name in ("parameters", "named_parameters"):
                return interpreter.derived(f"all {name}", receiver)
            # the library's models keep their adapters through methods that are not listed
            return interpreter.derived(name, receiver, *values)
        case Instance(cls=cls, parent=parent):
            if name in ASSERTIONS and isinstance(cls, Class):
                note_compared(interpreter, call, values, "equality", ASSERTIONS[name])
                return NONE
            if isinstance(cls, str) and parent is None:
                return _object_method(interpreter, receiver, cls, name, call)
            if parent is not None:
                return interpreter.derived(name, Reference(parent))
            if not values or isinstance(cls, Class):
                # a method of a library base class (nn.Module.parameters): made from the models in the object
                inner = frozenset(interpreter.networks_in(receiver))
                interpreter.escape(call, values)
                made = interpreter.fresh(name, inner)
                # an object that was made with a model in hand, and keeps none, has layers of its own
                return made if _holds_a_model(interpreter, record) else training.of_others(made)
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


def _holds_a_model(interpreter: Interpreter, record: Instance) -> bool:
    return any(
        isinstance(value, Reference) and interpreter.networks_in(value) for _, value in record.attributes
    )


def _object_method(interpreter: Interpreter, receiver: Value, cls: str, name: str, call: Call) -> Value:
    """A method of an object of a library class (an Accelerator, a tokenizer, a logger ...)."""
    values = values_of(call)
    if name in ("decode", "batch_decode"):
        return using.decode(interpreter, receiver, call)
    if name == "enter_context" and len(values) == 1:
        result, _, _ = enter_context(interpreter, values[0], call.node)
        return result
    last = class_part(cls)
    if last in ("ThreadPoolExecutor", "ThreadPool") and call.extra and not call.open:
        if name == "submit":
            return interpreter.call_with(call.extra[0], call.extra[1:], call.arguments, call.node)
        if name in ("map", "imap") and len(call.extra) == 2:
            return mapped(interpreter, call.extra[0], call.extra[1], call)
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
                return preparing.prepare_accelerator(interpreter, call)
            case "unwrap_model":
                return preparing.unwrap(interpreter, call)
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
        return interpreter.derived(name, *values_of(call))
    return NONE
