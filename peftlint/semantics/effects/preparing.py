"""What prepares a model for training: quantised bases, checkpointing, frozen parameters, compiling, parallel wrappers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import (
    mark_adapters,
    receiver_network,
)
from peftlint.semantics.effects.opaque import model_value
from peftlint.semantics.events import (
    GradientsSet,
    Prepared,
    TokensAdded,
)
from peftlint.semantics.records import (
    Instance,
    Network,
    Wrapper,
)
from peftlint.semantics.values import NONE, Reference, Sequence, Value, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def prepare_kbit(interpreter: Interpreter, call: Call) -> Value:
    """prepare_model_for_kbit_training(model): freezes every parameter that there is."""
    given = call.value("model")
    value = model_value(interpreter, given)
    if value is None:
        return given or NONE
    network = interpreter.network_id(value)
    assert network is not None
    record = interpreter.network(network)
    assert record is not None
    wrapped = isinstance(interpreter.state.record(value), Wrapper) or bool(record.wrappers)
    event = interpreter.emit(Prepared(**interpreter.about(call, value), how="kbit", wrapped=wrapped))
    # only a quantised network gets checkpointing and the hook on its inputs; most that come here are
    hooked = record.input_grads or (True if record.quantised else None)
    interpreter.change_network(network, kbit_prepared=event, input_grads=hooked)
    mark_adapters(interpreter, network, None, trainable=False)
    return value


def dequantise(interpreter: Interpreter, call: Call) -> Value:
    """`model.dequantize()`: the weights in full precision, in place."""
    network = receiver_network(interpreter, call)
    if network is not None:
        interpreter.change_network(network, quantised=False)
    return call.receiver or NONE


def enable_checkpointing(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    event = interpreter.emit(Prepared(**interpreter.about(call, call.receiver), how="checkpointing"))
    record = interpreter.network(network) if network is not None else None
    if network is not None and record is not None:
        hooked = record.input_grads or _hooks_inputs(interpreter, record)
        interpreter.change_network(network, checkpointing=event, input_grads=hooked)
    return NONE


def _hooks_inputs(interpreter: Interpreter, record: Network) -> bool | None:
    """transformers hooks the inputs of a model that checkpoints: 5 always, 4 if it has adapters of its own API."""
    target = interpreter.targets.transformers
    if target.every(">=5.0"):
        return True
    # what has been attached by its own API once counts still, when PEFT has put another adapter of that name in its place
    at: Network | None = record
    while at is not None:
        if any(getattr(adapter.created, "api", None) == "transformers" for adapter in at.adapters):
            return True
        at = at.wrapped_by.before if at.wrapped_by is not None else None
    unclear = not record.closed or record.deleted or record.unloaded is not None
    return None if target.some(">=4.57") or unclear else record.input_grads


def disable_checkpointing(interpreter: Interpreter, call: Call) -> Value:
    """`model.gradient_checkpointing_disable()`."""
    network = receiver_network(interpreter, call)
    record = interpreter.network(network) if network is not None else None
    if network is not None and record is not None:
        hooked = None if record.adapters or not record.closed else record.input_grads
        interpreter.change_network(network, checkpointing=None, input_grads=hooked)
    return NONE


def enable_input_grads(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    interpreter.emit(Prepared(**interpreter.about(call, call.receiver), how="input grads"))
    if network is not None:
        interpreter.change_network(network, input_grads=True)
    return NONE


def resize_tokens(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    event = interpreter.emit(TokensAdded(**interpreter.about(call, call.receiver)))
    if network is not None:
        interpreter.change_network(network, vocabulary_grown=event)
    return interpreter.derived("embeddings", call.receiver or NONE)


def requires_grad(interpreter: Interpreter, call: Call) -> Value:
    """`model.requires_grad_(value)`."""
    given = call.value("requires_grad")
    known = True if given is None else truth(given)
    network = receiver_network(interpreter, call)
    interpreter.emit(GradientsSet(**interpreter.about(call, call.receiver), value=known, filtered=False))
    if network is not None:
        mark_adapters(interpreter, network, None, trainable=known)
    return call.receiver or NONE


def compile_model(interpreter: Interpreter, call: Call) -> Value:
    """torch.compile(model): another module around it (the model itself is not changed)."""
    return _around(interpreter, call, "torch.OptimizedModule", "compile")


def parallelise(interpreter: Interpreter, call: Call) -> Value:
    """DataParallel(model), DistributedDataParallel(model), FullyShardedDataParallel(model)."""
    return _around(interpreter, call, call.callee, "parallel")


def _around(interpreter: Interpreter, call: Call, cls: str, how: str) -> Value:
    value = call.value("model") or call.value("module")
    if isinstance(interpreter.state.record(value), Instance):
        value = model_value(interpreter, value) or value
    network = interpreter.network_id(value)
    if network is None or not isinstance(value, Reference):
        return interpreter.derived(how, value or NONE)
    event = interpreter.emit(Prepared(**interpreter.about(call, value), how=how))
    interpreter.change_network(network, **{"compiled" if how == "compile" else "parallel": event})
    return interpreter.make(Instance(cls, (("module", value), ("_orig_mod", value)), parent=value.id))


def prepare_accelerator(interpreter: Interpreter, call: Call) -> Value:
    """accelerator.prepare(a, b, ...): the same objects, in order."""
    del interpreter
    values = (*call.extra, *call.arguments.values())
    return values[0] if len(values) == 1 else Sequence(values)


def unwrap(interpreter: Interpreter, call: Call) -> Value:
    """accelerator.unwrap_model(model)."""
    value = call.value("model") or (call.extra[0] if call.extra else NONE)
    record = interpreter.state.record(value)
    if isinstance(record, Instance) and record.parent is not None and isinstance(record.cls, str):
        return Reference(record.parent)
    return value
