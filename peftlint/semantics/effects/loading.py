"""Making and wrapping models; reading and making configs."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from peftlint.semantics.api.names import class_part, is_of_a_fork
from peftlint.semantics.effects.common import (
    DEFAULT,
    LOUD_CONFIGS,
    config_of,
    is_neutral,
    mark_adapters,
    name_of,
    quantised,
    starts_trainable,
)
from peftlint.semantics.effects.injection import inject as put_in
from peftlint.semantics.effects.opaque import model_value, opaque_network, wrap_opaque
from peftlint.semantics.events import ConfigCreated, ModelCreated, Saved, Wrapped
from peftlint.semantics.records import Adapter, Config, Instance, ListBox, Network, Pipeline, Wrapper
from peftlint.semantics.values import NONE, TRUE, Constant, Reference, Sequence, Symbol, Value, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def load_model(interpreter: Interpreter, call: Call) -> Value:
    """`AutoModelForX.from_pretrained(path, ...)`: a plain model in eval mode."""
    if call.callee.startswith("transformers.") and is_of_a_fork(interpreter.syntax.code):
        return load_adapterhub(interpreter, call)
    kind = "diffusers" if call.callee.startswith("diffusers.") else "transformers"
    if call.callee in interpreter.factories:
        kind = interpreter.factories[call.callee]
    elif not call.callee.startswith(("diffusers.", "transformers.")):
        kind = "unknown"
    path = call.value("pretrained_model_name_or_path")
    network = interpreter.make(
        Network(kind, class_name=class_part(call.callee), source=path, quantised=quantised(interpreter, call))
    )
    event = interpreter.emit(ModelCreated(**interpreter.about(call, network)))
    interpreter.change_network(network.id, created=event)
    if truth(call.unknown.get("output_loading_info")):
        return Sequence((network, interpreter.fresh("loading_info")))
    return network


def load_declared_peft(interpreter: Interpreter, call: Call) -> Value:
    """A function that the settings declare to return a PeftModel; which adapters it has is not known."""
    network = interpreter.make(opaque_network("transformers"))
    wrapper = wrap_opaque(interpreter, network.id)
    event = interpreter.emit(ModelCreated(**interpreter.about(call, wrapper)))
    interpreter.change_network(network.id, created=event)
    interpreter.state.change(wrapper.id, created=event)
    return wrapper


def make_model(interpreter: Interpreter, call: Call) -> Value:
    """`AutoModelForX.from_config(config)`, `LlamaForCausalLM(config)`: a plain model with random weights."""
    kind = "diffusers" if call.callee.startswith("diffusers.") else "transformers"
    network = interpreter.make(Network(kind, class_name=class_part(call.callee), training=True))
    event = interpreter.emit(ModelCreated(**interpreter.about(call, network)))
    interpreter.change_network(network.id, created=event)
    return network


def load_pipeline(interpreter: Interpreter, call: Call) -> Value:
    """`DiffusionPipeline.from_pretrained(...)`."""
    return interpreter.make(Pipeline("pipeline", class_name=class_part(call.callee)))


def load_unsloth(interpreter: Interpreter, call: Call) -> Value:
    """`FastLanguageModel.from_pretrained(...)`: a model (a PeftModel if the path is an adapter) and a tokenizer."""
    network = interpreter.make(
        Network(
            "transformers",
            class_name="FastLanguageModel",
            source=call.value("model_name"),
            closed=False,
            active=None,
            uncertain=True,
            quantised=None,
        )
    )
    event = interpreter.emit(ModelCreated(**interpreter.about(call, network)))
    interpreter.change_network(network.id, created=event)
    return Sequence((network, interpreter.fresh("tokenizer")))


# -- configs


def make_config(interpreter: Interpreter, call: Call) -> Value:
    """`LoraConfig(...)`."""
    # lists are kept as they are now: what is appended later does not count
    arguments = tuple(
        (name, _snapshot(interpreter, value)) for name, value in {**call.arguments, **call.unknown}.items()
    )
    config = Config(class_part(call.callee), arguments=arguments, complete=not call.open)
    return _created(interpreter, call, config)


def some_config(interpreter: Interpreter, call: Call) -> Value:
    """`get_peft_config(dict)`: a config of a class that is not known."""
    del call
    return interpreter.make(Config("PeftConfig", complete=False))


def leave_peft(interpreter: Interpreter, call: Call) -> Value:
    """`adapters.init(model)`: from here on the model has AdapterHub's methods of the same names."""
    value = call.value("model")
    network = interpreter.network_id(value)
    if network is not None:
        interpreter.change_network(network, kind="adapterhub")
        interpreter.forget([network])
    return NONE


def load_adapterhub(interpreter: Interpreter, call: Call) -> Value:
    """`AutoAdapterModel.from_pretrained(path)` of AdapterHub's `adapters`: its methods of PEFT's names are others."""
    del call
    return interpreter.make(opaque_network("adapterhub"))


def _snapshot(interpreter: Interpreter, value: Value) -> Value:
    box = interpreter.state.get(value, ListBox)
    return Sequence(box.items) if box is not None and box.closed else value


def read_config(interpreter: Interpreter, call: Call) -> Value:
    """`PeftConfig.from_pretrained(path)`: the settings of a saved adapter, not its weights."""
    path = call.value("pretrained_model_name_or_path") or interpreter.fresh("path")
    arguments = tuple(
        (k, v) for k, v in call.unknown.items() if k not in ("subfolder", "revision", "cache_dir", "token")
    )
    config = Config(
        class_part(call.callee), path=path, arguments=arguments, changed=tuple(name for name, _ in arguments)
    )
    return _created(interpreter, call, config)


def _created(interpreter: Interpreter, call: Call, config: Config) -> Value:
    reference = interpreter.make(config)
    event = interpreter.emit(
        ConfigCreated(
            node=call.node, syntax=interpreter.syntax, call=call, config=config, identity=reference.id
        )
    )
    interpreter.state.change(reference.id, created=event)
    return reference


# -- wrapping


def wrap_with_config(interpreter: Interpreter, call: Call) -> Value:
    """`get_peft_model(model, config, adapter_name)` and `PeftModel(model, config, adapter_name)`."""
    given = call.value("model")
    value = model_value(interpreter, given)
    if value is None:
        return _wrap_unknown(interpreter, call)
    config, config_id = config_of(interpreter, call.value("peft_config"))
    adapter = Adapter(
        name_of(call.value("adapter_name")),
        "fresh",
        config=config_id,
        path=config.path if config else None,
        neutral=is_neutral(config),
        trainable=starts_trainable(config),
    )
    mixed = truth(call.value("mixed")) is True or "Mixed" in call.callee
    return _wrap(interpreter, call, value, adapter, "config", config, config_id, mixed)


def wrap_with_checkpoint(interpreter: Interpreter, call: Call) -> Value:
    """`PeftModel.from_pretrained(model, path, adapter_name="default", is_trainable=False)`."""
    value = model_value(interpreter, call.value("model"))
    if value is None:
        return _wrap_unknown(interpreter, call)
    path = call.value("model_id")
    given = call.value("is_trainable")
    trainable = (None if call.open else False) if given is None else truth(given)
    adapter = Adapter(
        name_of(call.value("adapter_name")),
        "loaded",
        path=path,
        trained=True,
        trainable=trainable,
    )
    return _wrap(interpreter, call, value, adapter, "checkpoint", None, None, "Mixed" in call.callee)


def inject(interpreter: Interpreter, call: Call) -> Value:
    """`inject_adapter_in_model(config, model, adapter_name)`: in place, no wrapper."""
    value = model_value(interpreter, call.value("model"))
    if value is None:
        return call.value("model") or interpreter.fresh("model")
    config, config_id = config_of(interpreter, call.value("peft_config"))
    network = interpreter.network_id(value)
    assert network is not None
    adapter = Adapter(
        name_of(call.value("adapter_name")),
        "fresh",
        config=config_id,
        path=config.path if config else None,
        neutral=is_neutral(config),
        trainable=starts_trainable(config),
    )
    event = Wrapped(
        **interpreter.about(call, value),
        how="inject",
        config=config,
        config_id=config_id,
        path=config.path if config else None,
        adapter=adapter,
    )
    interpreter.emit(event)
    frozen = None if adapter.trainable is None else not adapter.trainable
    put_in(interpreter, network, replace(adapter, created=event), (adapter.name,), frozen)
    return value


def wrap_unsloth(interpreter: Interpreter, call: Call) -> Value:
    """`FastLanguageModel.get_peft_model(model, r=...)`: leaves a model alone that already has adapters."""
    given = call.value("model")
    if isinstance(given, Reference) and isinstance(interpreter.state.record(given), Wrapper):
        return given
    value = model_value(interpreter, given)
    if value is None:
        return _wrap_unknown(interpreter, call)
    adapter = Adapter(DEFAULT, "unknown", trained=None, trainable=True)
    return _wrap(interpreter, call, value, adapter, "unsloth", None, None, False)


def load_auto_peft(interpreter: Interpreter, call: Call) -> Value:
    """`AutoPeftModelForX.from_pretrained(path)`: base and adapter in one go."""
    network = interpreter.make(
        Network("transformers", class_name=class_part(call.callee), quantised=quantised(interpreter, call))
    )
    created = interpreter.emit(ModelCreated(**interpreter.about(call, network)))
    interpreter.change_network(network.id, created=created)
    given = call.value("is_trainable")
    trainable = (None if call.open else False) if given is None else truth(given)
    adapter = Adapter(
        name_of(call.value("adapter_name")),
        "loaded",
        path=call.value("pretrained_model_name_or_path"),
        trained=True,
        trainable=trainable,
    )
    return _wrap(interpreter, call, network, adapter, "checkpoint", None, None, False)


def _wrap_unknown(interpreter: Interpreter, call: Call) -> Value:
    """A wrapper around something that is no model we know (a constant, a dict ...): nothing is known of it."""
    interpreter.escape(call, [v for v in (*call.arguments.values(), *call.extra)])
    return interpreter.fresh("wrapped")


def _wrap(
    interpreter: Interpreter,
    call: Call,
    value: Value,
    adapter: Adapter,
    how: str,
    config: Config | None,
    config_id: int | None,
    mixed: bool,
) -> Value:
    assert isinstance(value, Reference)
    network = interpreter.network_id(value)
    assert network is not None
    record = interpreter.network(network)
    assert record is not None
    outer = interpreter.state.get(value, Wrapper)
    prompts = (
        config.class_name in LOUD_CONFIGS if config is not None else _holds_prompts(interpreter, adapter)
    )
    if prompts:
        # prompt learning leaves the base alone: the wrapper has its adapters to itself
        mark_adapters(interpreter, network, None, trainable=False)
        network = interpreter.make(replace(record, wrappers=())).id
    nested = value.id if outer is not None and outer.spent is None else None
    wrapper = interpreter.make(
        Wrapper(network, mixed=mixed, nested=value.id if outer is not None else None, active=(adapter.name,))
    )
    event = Wrapped(
        **interpreter.about(call, value),
        how=how,
        wrapper=wrapper.id,
        nested=nested,
        config=config,
        config_id=config_id,
        path=adapter.path,
        adapter=adapter,
    )
    interpreter.emit(event)
    interpreter.state.change(wrapper.id, created=event)
    frozen = None if adapter.trainable is None else not adapter.trainable
    put_in(interpreter, network, replace(adapter, created=event, activated=event), (adapter.name,), frozen)
    if mixed and how == "checkpoint":
        # PeftMixedModel.load_adapter ends with set_adapter
        mark_adapters(interpreter, network, None, trainable=False)
        mark_adapters(interpreter, network, (adapter.name,), trainable=True)
    fresh = how in ("config", "unsloth")
    interpreter.change_network(
        network,
        wrappers=(*record.wrappers, wrapper.id),
        wrapped_by=event,
        dropout_on=event if fresh or adapter.trainable else None,
        # the network's own mode is left alone, but for the eval() of a checkpoint that is not to be trained
        training=record.training
        if fresh or adapter.trainable
        else (None if adapter.trainable is None else False),
        input_grads=_hooked(record),
    )
    if outer is not None:
        # what the nested layers compute is not worth following: the nesting itself is the finding
        interpreter.forget([network])
    return wrapper


def _holds_prompts(interpreter: Interpreter, adapter: Adapter) -> bool:
    """Is a saved adapter one of prompt learning, as far as the program tells: is that all that it makes or saves there?"""
    if adapter.path is None or not _knows_prompts(interpreter):
        return False
    for event in interpreter.events:
        if isinstance(event, Saved) and event.path == adapter.path and event.before is not None:
            configs = [interpreter.records.get(a.config or 0) for a in event.before.adapters]
            if configs and all(isinstance(c, Config) and c.class_name in LOUD_CONFIGS for c in configs):
                return True
    made = {
        event.config.class_name
        for event in interpreter.events
        if isinstance(event, ConfigCreated) and event.config.path is None
    }
    return bool(made) and made <= set(LOUD_CONFIGS)


def _knows_prompts(interpreter: Interpreter) -> bool:
    """Was any config of prompt learning met so far? Each object is looked at once, however often this is asked."""
    looked_at, found = interpreter.prompt_configs
    if not found:
        new = islice(interpreter.records.values(), looked_at, None)
        found = any(isinstance(record, Config) and record.class_name in LOUD_CONFIGS for record in new)
        interpreter.prompt_configs = len(interpreter.records), found
    return found


def _hooked(record: Network) -> bool | None:
    """Wrapping a network that checkpoints lets gradients through its inputs, unless it is quantised."""
    if record.checkpointing is None or record.input_grads or record.quantised:
        return record.input_grads
    return True if record.quantised is False else None


def deep_copy(interpreter: Interpreter, call: Call) -> Value:
    """`copy.deepcopy(x)`: a copy of a model is another model in the same state."""
    value = call.value("x")
    record = interpreter.state.record(value)
    match record:
        case Network():
            return interpreter.make(replace(record, wrappers=()))
        case Wrapper(network=inner):
            layers = interpreter.network(inner)
            assert layers is not None
            network = interpreter.make(replace(layers, wrappers=()))
            wrapper = interpreter.make(replace(record, network=network.id))
            interpreter.change_network(network.id, wrappers=(wrapper.id,))
            return wrapper
        case Instance(parent=parent) if parent is not None:
            layers = interpreter.network(parent)
            copy = interpreter.make(layers) if layers is not None else None
            return interpreter.make(replace(record, parent=copy.id if copy else None))
        case None:
            return interpreter.derived("copy", value) if isinstance(value, Symbol) else (value or NONE)
    return interpreter.make(record)


__all__ = ["TRUE", "Constant"]
