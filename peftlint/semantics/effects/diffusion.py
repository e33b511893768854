"""diffusers pipelines and their LoRAs (peft-facts section 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import names_in
from peftlint.semantics.effects.opaque import opaque_network
from peftlint.semantics.events import PipelineLora
from peftlint.semantics.records import Pipeline
from peftlint.semantics.state import ATTRIBUTE_FRAME
from peftlint.semantics.values import NONE, BoundLibrary, Reference, Value, key_of

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def _emit(
    interpreter: Interpreter, call: Call, how: str, names: tuple[Value, ...] | None = None
) -> PipelineLora:
    identity = call.receiver.id if isinstance(call.receiver, Reference) else 0
    event = PipelineLora(
        node=call.node,
        syntax=interpreter.syntax,
        call=call,
        handle=identity,
        how=how,
        names=names,
        identity=identity,
        pipeline=interpreter.state.get(call.receiver, Pipeline),
    )
    interpreter.emit(event)
    if how != "use":
        _changed_parts(interpreter, call.receiver)
    return event


def _pipeline(interpreter: Interpreter, call: Call) -> tuple[int, Pipeline] | None:
    record = interpreter.state.get(call.receiver, Pipeline)
    if record is None or not isinstance(call.receiver, Reference):
        return None
    return call.receiver.id, record


#: attributes of diffusers' pipelines that are models with adapters of their own, with their kind
PARTS = {
    "unet": "diffusers",
    "transformer": "diffusers",
    "transformer_2": "diffusers",
    "text_encoder": "transformers",
    "text_encoder_2": "transformers",
    "text_encoder_3": "transformers",
}


def part(interpreter: Interpreter, bound: BoundLibrary) -> Value | None:
    """`pipe.unet`: the model in the pipeline, which the pipeline's own methods may change too."""
    kind = PARTS.get(bound.name)
    if kind is None:
        return None
    model = interpreter.make(opaque_network(kind))
    interpreter.state.bind(ATTRIBUTE_FRAME, key_of(bound), model)
    return model


def _changed_parts(interpreter: Interpreter, pipeline: Value | None) -> None:
    """A method of the pipeline may have changed the models in it."""
    if not isinstance(pipeline, Reference):
        return
    held = interpreter.state.frames[ATTRIBUTE_FRAME]
    parts = [held.get(key_of(BoundLibrary(pipeline, name))) for name in PARTS]
    interpreter.forget(i for value in parts if (i := interpreter.network_id(value)) is not None)


def load_lora(interpreter: Interpreter, call: Call) -> Value:
    """pipe.load_lora_weights(path, adapter_name=None): only the last one is active; PEFT unmerges what is fused."""
    name = call.value("adapter_name")
    if name == NONE:
        name = None
    event = _emit(interpreter, call, "load", (name,) if name is not None else None)
    found = _pipeline(interpreter, call)
    if found is not None:
        identity, record = found
        interpreter.state.change(identity, loras=(*record.loras, (name, event)), active=(name,), fused=())
    return NONE


def set_adapters(interpreter: Interpreter, call: Call) -> Value:
    names = names_in(interpreter, call.value("adapter_names"))
    _emit(interpreter, call, "set", names)
    found = _pipeline(interpreter, call)
    if found is not None:
        interpreter.state.change(found[0], active=names)
    return NONE


def fuse(interpreter: Interpreter, call: Call) -> Value:
    event = _emit(interpreter, call, "fuse", names_in(interpreter, call.value("adapter_names")))
    found = _pipeline(interpreter, call)
    if found is not None:
        identity, record = found
        interpreter.state.change(identity, fused=(*record.fused, event))
    return NONE


def unfuse(interpreter: Interpreter, call: Call) -> Value:
    _emit(interpreter, call, "unfuse")
    found = _pipeline(interpreter, call)
    if found is not None:
        interpreter.state.change(found[0], fused=())
    return NONE


def unload(interpreter: Interpreter, call: Call) -> Value:
    _emit(interpreter, call, "unload")
    found = _pipeline(interpreter, call)
    if found is not None:
        identity, record = found
        interpreter.state.change(
            identity, loras=(), active=(), fused=(), baked=(*record.baked, *record.fused)
        )
    return NONE


def disable(interpreter: Interpreter, call: Call) -> Value:
    _emit(interpreter, call, "disable")
    found = _pipeline(interpreter, call)
    if found is not None:
        interpreter.state.change(found[0], enabled=False)
    return NONE


def enable(interpreter: Interpreter, call: Call) -> Value:
    _emit(interpreter, call, "enable")
    found = _pipeline(interpreter, call)
    if found is not None:
        interpreter.state.change(found[0], enabled=True)
    return NONE


def delete(interpreter: Interpreter, call: Call) -> Value:
    names = names_in(interpreter, call.value("adapter_names"))
    _emit(interpreter, call, "delete", names)
    found = _pipeline(interpreter, call)
    if found is not None and names is not None:
        identity, record = found
        interpreter.state.change(identity, loras=tuple(pair for pair in record.loras if pair[0] not in names))
    return NONE


def use(interpreter: Interpreter, call: Call) -> Value:
    """pipe(prompt): makes images."""
    _emit(interpreter, call, "use")
    return interpreter.derived("images", call.receiver or NONE)
