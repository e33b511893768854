"""Pieces that several effects share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.records import Adapter, Config, Context, Instance, Pipeline, Wrapper
from peftlint.semantics.values import Constant, Reference, Sequence, Value, text, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call, Event
    from peftlint.semantics.interpreter import Interpreter

DEFAULT = Constant("default")

#: `init_lora_weights` values whose fresh adapter changes nothing (peft-facts section 3: identity at init)
NEUTRAL_INITS = ("gaussian", "eva", "olora", "pissa", "orthogonal", "lora_ga", "mica", "loftq", "corda")
#: config classes whose fresh adapter changes the output from the start
LOUD_CONFIGS = (
    "PromptTuningConfig",
    "PrefixTuningConfig",
    "PromptEncoderConfig",
    "MultitaskPromptTuningConfig",
)
#: config classes whose fresh adapter, with the class's own init, gives the base model's logits to the last bit (peft
#: 0.21.2, a two-layer Llama, `target_modules=["q_proj", "v_proj"]`; not so: FourierFT, UniLoRA, HRA with an odd rank)
NEUTRAL_CONFIGS = frozenset(
    f"{name}Config"
    for name in """Lora AdaLora Beft BOFT Bone Delora Glora Gralora Hira IA3 Lily LNTuning LoHa LoKr Miss OFT
    Peanut Psoft Pvera RandLora Shira Supertuning TinyLora Vera""".split()
)


def is_neutral(config: Config | None) -> bool | None:
    """Does a fresh adapter of this config leave the output as it is?"""
    if config is None:
        return None
    if config.class_name in LOUD_CONFIGS or config.class_name == "PromptLearningConfig":
        return False
    if config.path is not None and "init_lora_weights" not in config.changed:
        # a saved config carries its own init; nearly always the default
        return True
    for name in ("init_lora_weights", "init_weights", "init_ia3_weights"):
        init = config.argument(name)
        if init is None:
            continue
        if isinstance(init, Constant):
            if isinstance(init.value, str):
                return True if init.value.partition("_niter")[0] in NEUTRAL_INITS else None
            if not init.value:
                return False
            break
        return None
    if config.class_name not in NEUTRAL_CONFIGS:
        return None
    return True if config.complete else None


def starts_trainable(config: Config | None) -> bool | None:
    """Is a fresh adapter of this config trainable under get_peft_model? (`inference_mode` is saved as true.)"""
    if config is None:
        return None
    inference = config.argument("inference_mode")
    if inference is not None:
        known = truth(inference)
        return None if known is None else not known
    if config.path is not None:
        return False
    return True if config.complete else None


def name_of(value: Value | None) -> Value:
    """An adapter name; not given means "default"."""
    return DEFAULT if value is None else value


def put_adapter(
    interpreter: Interpreter, network: int, adapter: Adapter, activate: bool | None
) -> Adapter | None:
    """Adds or replaces the adapter of that name; returns the one that was there."""
    record = interpreter.network(network)
    assert record is not None
    before = record.adapter(adapter.name)
    others = tuple(a for a in record.adapters if a.name != adapter.name)
    active = record.active
    if activate:
        active = (adapter.name,)
    elif activate is None:
        active = None
    changed = active != record.active or (active is not None and adapter.name in active)
    interpreter.change_network(
        network, adapters=(*others, adapter), active=active, epoch=record.epoch + (1 if changed else 0)
    )
    return before


def mark_adapters(
    interpreter: Interpreter, network: int, names: tuple[Value, ...] | None, **changes: object
) -> None:
    """Changes the adapters of these names (None: all)."""
    record = interpreter.network(network)
    if record is not None:
        adapters = tuple(
            replace(a, **changes) if names is None or a.name in names else a  # type: ignore[arg-type]
            for a in record.adapters
        )
        interpreter.change_network(network, adapters=adapters)


def names_in(interpreter: Interpreter, value: Value | None) -> tuple[Value, ...] | None:
    """Adapter names given as a string or a list of strings; None if that is not known."""
    if value is None:
        return None
    if text(value) is not None:
        return (value,)
    if isinstance(value, Sequence):
        return value.items
    items, closed = interpreter.items_of(value)
    if items or isinstance(value, Reference):
        return items if closed else None
    return (value,)


def config_of(interpreter: Interpreter, value: Value | None) -> tuple[Config | None, int | None]:
    """The config in a value (a dict of configs gives its only one) and its heap id."""
    if isinstance(value, Reference):
        config = interpreter.state.get(value, Config)
        if config is not None:
            return config, value.id
    return None, None


def find_config(interpreter: Interpreter, call: Call) -> tuple[Config | None, int | None, Value | None]:
    """The first argument of the call that is a config."""
    for value in (*call.extra, *call.arguments.values(), *call.unknown.values()):
        config, identity = config_of(interpreter, value)
        if config is not None:
            return config, identity, value
    return None, None, None


def receiver_network(interpreter: Interpreter, call: Call) -> int | None:
    return interpreter.network_id(call.receiver)


def spend(interpreter: Interpreter, network: int, event: Event) -> None:
    """Wrappers of the network are shells from now on."""
    record = interpreter.network(network)
    if record is None:
        return
    for identity in record.wrappers:
        wrapper = interpreter.state.get(identity, Wrapper)
        if wrapper is not None and wrapper.spent is None:
            interpreter.state.change(identity, spent=event)


def quantised(interpreter: Interpreter, call: Call) -> bool | None:
    """Do the arguments of a from_pretrained call ask for quantisation?"""
    found: bool | None = False
    for name in ("load_in_4bit", "load_in_8bit"):
        value = call.value(name) or call.unknown.get(name)
        if value is not None:
            known = truth(value)
            if known:
                return True
            if known is None:
                found = None
    value = call.value("quantization_config") or call.unknown.get("quantization_config")
    if value is not None and value != Constant(None):
        record = interpreter.state.record(value)
        if isinstance(record, Instance):
            flags = [record.attribute(name) for name in ("load_in_4bit", "load_in_8bit")]
            if any(truth(flag) for flag in flags) or not str(record.cls).endswith("BitsAndBytesConfig"):
                return True
            if any(flag is not None and truth(flag) is None for flag in flags):
                return None
            return found
        return None
    if call.open:
        return found or None
    return found


__all__ = ["Context", "Pipeline", "text"]


def values_of(call: Call) -> tuple[Value, ...]:
    """All values that a call is given, by position or by name."""
    return (*call.extra, *call.arguments.values(), *call.unknown.values())


def api_of(interpreter: Interpreter, call: Call) -> str | None:
    """Whose API the receiver has: "peft", "transformers", "diffusers"; None if not known."""
    record = interpreter.state.record(call.receiver)
    if isinstance(record, Wrapper):
        return "peft"
    network = interpreter.network(call.receiver)
    if network is not None and network.kind in ("transformers", "diffusers"):
        return network.kind
    return None
