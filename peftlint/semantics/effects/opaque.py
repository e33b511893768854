"""Models of which nothing is known but that they are ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.records import Instance, Network, Wrapper
from peftlint.semantics.state import ATTRIBUTE_FRAME
from peftlint.semantics.values import Class, Reference, Symbol, Value

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter

#: methods that a PeftModel has and no model of transformers or diffusers (peft 0.21, transformers 5.23, diffusers 0.42)
ONLY_PEFT_MODELS = frozenset(
    """merge_and_unload get_base_model disable_adapter add_weighted_adapter merge_adapter unmerge_adapter
    print_trainable_parameters get_nb_trainable_parameters enable_adapter_layers disable_adapter_layers""".split()
)


def opaque_network(kind: str, class_name: str = "") -> Network:
    """The record of a model of this kind to which anything may have happened."""
    return Network(
        kind,
        class_name=class_name,
        closed=False,
        active=None,
        merged=None,
        merged_adapters=None,
        enabled=None,
        quantised=None,
        training=None,
        input_grads=None,
        uncertain=True,
        trained=None,
    )


def model_value(interpreter: Interpreter, value: Value | None) -> Value | None:
    """The value as a model: a known one, an object of the program that becomes one, or a promoted symbol."""
    if isinstance(value, Reference):
        record = interpreter.state.record(value)
        if isinstance(record, Instance) and record.parent is None:
            kind = "torch" if isinstance(record.cls, Class) else "unknown"
            network = interpreter.make(Network(kind, class_name=_class_name(record)))
            interpreter.state.change(value.id, parent=network.id)
        return value if interpreter.network_id(value) is not None else None
    if isinstance(value, Symbol):
        return promote(interpreter, value)
    return None


def _class_name(record: Instance) -> str:
    return record.cls.name if isinstance(record.cls, Class) else record.cls


def promote(interpreter: Interpreter, symbol: Symbol, wrapped: bool = False) -> Reference:
    """A model for a value of which only now is known that it is one; what happened to it before is not known."""
    known = interpreter.state.frames[ATTRIBUTE_FRAME].get(f"promoted:{symbol.key}")
    if isinstance(known, Reference):
        return known
    network = interpreter.make(opaque_network("transformers" if wrapped else "unknown"))
    result = network
    if wrapped:
        result = wrap_opaque(interpreter, network.id)
    interpreter.state.bind(ATTRIBUTE_FRAME, f"promoted:{symbol.key}", result)
    return result


def wrap_opaque(interpreter: Interpreter, network: int) -> Reference:
    """A PeftModel around the network, made where nothing is known of how."""
    wrapper = interpreter.make(Wrapper(network))
    record = interpreter.network(network)
    assert record is not None
    interpreter.change_network(network, wrappers=(*record.wrappers, wrapper.id))
    return wrapper


def arrow_model(interpreter: Interpreter, call: Call) -> Value:
    """`create_arrow_model(base, ...)`: a PeftModel with a router over adapters from the hub."""
    base = model_value(interpreter, call.value("base_model"))
    network = interpreter.network_id(base)
    if network is None:
        return promote(interpreter, interpreter.fresh("arrow model"), wrapped=True)
    interpreter.forget([network])
    return wrap_opaque(interpreter, network)
