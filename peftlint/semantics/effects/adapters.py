"""Adding, loading, activating, disabling, deleting and merging adapters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import (
    DEFAULT,
    config_of,
    find_config,
    is_neutral,
    mark_adapters,
    name_of,
    names_in,
    put_adapter,
    receiver_network,
    spend,
    starts_trainable,
)
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdapterNamed,
    AdaptersCombined,
    AdaptersDisabled,
    AdaptersEnabled,
    Merged,
    Unmerged,
    WeightsPatched,
)
from peftlint.semantics.records import Adapter, Config, Context, Network, Wrapper
from peftlint.semantics.values import NONE, Constant, Reference, Symbol, Value, text, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def api_of(interpreter: Interpreter, call: Call) -> str | None:
    """Whose API the receiver has: "peft", "transformers", "diffusers"; None if not known."""
    record = interpreter.state.record(call.receiver)
    if isinstance(record, Wrapper):
        return "peft"
    network = interpreter.network(call.receiver)
    if network is not None and network.kind in ("transformers", "diffusers"):
        return network.kind
    return None


def add_adapter(interpreter: Interpreter, call: Call) -> Value:
    """add_adapter: PeftModel's does not activate, transformers' and diffusers' do (peft-facts section 1)."""
    network = receiver_network(interpreter, call)
    api = api_of(interpreter, call)
    given = call.value("peft_config") if api == "peft" else call.value("adapter_config")
    config, config_id = config_of(interpreter, given)
    if config is None:
        config, config_id, _ = find_config(interpreter, call)
    name = call.value("adapter_name")
    if isinstance(interpreter.state.record(name), Config):
        name = call.value("peft_config") if api == "peft" else None
    adapter = Adapter(
        name_of(name),
        "fresh",
        config=config_id,
        path=config.path if config else None,
        neutral=is_neutral(config),
        # set_adapter, which transformers' add_adapter calls, turns gradients on whatever the config says
        trainable=starts_trainable(config) if api == "peft" else True,
    )
    activates = api in ("transformers", "diffusers")
    event = AdapterAdded(
        **interpreter.about(call, call.receiver),
        api=api,
        adapter=adapter,
        config=config,
        config_id=config_id,
        config_value=given,
        activates=activates,
    )
    interpreter.emit(event)
    if network is not None:
        adapter = replace(adapter, created=event, activated=event if activates else None)
        put_adapter(interpreter, network, adapter, True if activates else (False if api == "peft" else None))
        interpreter.change_network(network, dropout_on=event)
    return NONE


def add_adapter_to_unknown(interpreter: Interpreter, call: Call) -> Value:
    """add_adapter on a receiver that is not known: the config is the only evidence that this is PEFT."""
    config, config_id, value = find_config(interpreter, call)
    if config is not None:
        interpreter.emit(
            AdapterAdded(
                node=call.node,
                syntax=interpreter.syntax,
                call=call,
                api=None,
                config=config,
                config_id=config_id,
                config_value=value,
            )
        )
    return interpreter.fresh("added")


def load_adapter(interpreter: Interpreter, call: Call) -> Value:
    """load_adapter: PeftModel's does not activate; transformers' does (the second only with peft >= 0.11)."""
    network = receiver_network(interpreter, call)
    api = api_of(interpreter, call)
    path = call.value("model_id") if api == "peft" else call.value("peft_model_id")
    given = call.value("is_trainable") or call.unknown.get("is_trainable")
    trainable = (None if call.open else False) if given is None else truth(given)
    name = name_of(call.value("adapter_name"))
    if "/" in (text(name) or "") and "/" not in (text(path) or "/"):
        # given the wrong way round, which fails; what was meant is followed
        path, name = name, path or name
    record = interpreter.network(network) if network is not None else None
    adapter = Adapter(name, "loaded", path=path, neutral=False, trained=True, trainable=trainable)
    replaced = record.adapter(name) if record is not None else None
    activates: bool | None = False
    if api == "transformers":
        second_activates = interpreter.targets.peft
        first = record is not None and not record.adapters and record.closed
        if first or second_activates.every(">=0.11"):
            activates = True
        else:
            activates = False if second_activates.every("<0.11") else None
    elif api == "diffusers":
        activates = True
    elif api is None:
        activates = None
    event = AdapterLoaded(
        **interpreter.about(call, call.receiver),
        api=api,
        adapter=adapter,
        replaced=replaced,
        path=path,
        activates=activates,
        trainable=given,
    )
    interpreter.emit(event)
    if network is not None and record is not None:
        activated = event if activates else (replaced.activated if replaced else None)
        put_adapter(interpreter, network, replace(adapter, created=event, activated=activated), activates)
        if trainable is False:
            interpreter.change_network(network, training=False, dropout_on=None)
            _freeze_others(interpreter, network, name, api)
        elif trainable:
            interpreter.change_network(network, dropout_on=event)
    return interpreter.fresh("load_result") if api == "peft" else NONE


def _freeze_others(interpreter: Interpreter, network: int, loaded: Value, api: str | None) -> None:
    """In peft 0.18 to 0.20 loading a frozen adapter freezes the active ones too (peft-facts section 4)."""
    target, record = interpreter.targets.peft, interpreter.network(network)
    if api != "peft" or record is None or not target.some(">=0.18,<0.21"):
        return
    frozen = False if target.every(">=0.18,<0.21") else None
    names = tuple(a.name for a in record.active_adapters() if a.name != loaded and a.trainable is not False)
    mark_adapters(interpreter, network, names, trainable=frozen)


def combine(interpreter: Interpreter, call: Call) -> Value:
    """add_weighted_adapter: makes an adapter, does not activate it."""
    network = receiver_network(interpreter, call)
    name = name_of(call.value("adapter_name"))
    adapter = Adapter(name, "combined", neutral=None, trained=None, trainable=None)
    sources = names_in(interpreter, call.value("adapters"))
    if sources is not None:
        about = interpreter.about(call, call.receiver)
        interpreter.emit(AdapterNamed(**about, names=sources, parameter="adapters"))
    event = AdaptersCombined(
        **interpreter.about(call, call.receiver), adapter=adapter, of=call.value("adapters")
    )
    interpreter.emit(event)
    if network is not None:
        record = interpreter.network(network)
        if record is not None and record.adapter(name) is None:
            put_adapter(interpreter, network, replace(adapter, created=event), False)
    return NONE


def set_adapter(interpreter: Interpreter, call: Call) -> Value:
    """set_adapter: activates, and turns the gradients of the chosen on and of the others off."""
    network = receiver_network(interpreter, call)
    given = call.value("adapter_name")
    if given is None:
        given = call.value("adapter_names")
    names = names_in(interpreter, given)
    event = AdapterActivated(
        **interpreter.about(call, call.receiver), names=names, api=api_of(interpreter, call)
    )
    interpreter.emit(event)
    if network is None:
        return NONE
    activate(interpreter, network, names, event, truth(call.value("inference_mode")) is True)
    return NONE


def activate(
    interpreter: Interpreter,
    network: int,
    names: tuple[Value, ...] | None,
    event: AdapterActivated,
    frozen: bool,
) -> None:
    record = interpreter.network(network)
    if record is None:
        return
    if names is None:
        adapters = tuple(replace(a, trainable=None, activated=a.activated or event) for a in record.adapters)
        interpreter.change_network(network, adapters=adapters, active=None, epoch=record.epoch + 1)
        return
    adapters = tuple(
        replace(a, trainable=not frozen, activated=event) if a.name in names else replace(a, trainable=False)
        for a in record.adapters
    )
    # a name that is not literally one of ours may still be one of them
    if any(not isinstance(name, Constant) and record.adapter(name) is None for name in names):
        adapters = tuple(replace(a, trainable=None, activated=event) for a in record.adapters)
        active: tuple[Value, ...] | None = names
    else:
        active = names
    changed = active != record.active
    # switching while merged un-merges by itself on a PeftModel (peft-facts section 7)
    interpreter.change_network(
        network, adapters=adapters, active=active, merged=False, epoch=record.epoch + (1 if changed else 0)
    )


def delete_adapter(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    names = names_in(interpreter, call.value("adapter_name") or call.value("adapter_names"))
    interpreter.emit(AdapterDeleted(**interpreter.about(call, call.receiver), names=names))
    record = interpreter.network(network) if network is not None else None
    if network is None or record is None:
        return NONE
    if names is None or not all(isinstance(name, Constant) or record.adapter(name) for name in names):
        interpreter.forget([network])
        return NONE
    kept = tuple(a for a in record.adapters if a.name not in names)
    active = record.active
    if active is not None and any(name in active for name in names):
        active = None
    interpreter.change_network(
        network, adapters=kept, active=active, deleted=(*record.deleted, *names), epoch=record.epoch + 1
    )
    return NONE


# -- disabling


def disable_adapter(interpreter: Interpreter, call: Call) -> Value:
    """PeftModel.disable_adapter(): a context manager; as a statement it does nothing."""
    network = receiver_network(interpreter, call)
    if call.discarded:
        interpreter.emit(AdaptersDisabled(**interpreter.about(call, call.receiver), scope="unentered"))
    return interpreter.make(Context("disable_adapter", network=network))


def rescale(interpreter: Interpreter, call: Call) -> Value:
    """`peft.helpers.rescale_adapter_scale(model, multiplier)`: a context manager too."""
    model = call.value("model")
    if call.discarded:
        interpreter.emit(AdaptersDisabled(**interpreter.about(call, model), scope="unentered"))
    return interpreter.make(Context("rescale", network=interpreter.network_id(model)))


def disable_layers(interpreter: Interpreter, call: Call) -> Value:
    """disable_adapter_layers() / disable_adapters(): until they are enabled again."""
    network = receiver_network(interpreter, call)
    event = AdaptersDisabled(**interpreter.about(call, call.receiver), scope="persistent")
    interpreter.emit(event)
    switch_layers(interpreter, network, False, event)
    return NONE


def enable_layers(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    interpreter.emit(AdaptersEnabled(**interpreter.about(call, call.receiver)))
    switch_layers(interpreter, network, True, None)
    return NONE


def switch_layers(
    interpreter: Interpreter, network: int | None, enabled: bool | None, event: AdaptersDisabled | None
) -> None:
    record = interpreter.state.get(network, Network) if network is not None else None
    if record is not None and network is not None:
        changed = record.enabled != enabled
        interpreter.change_network(
            network, enabled=enabled, disabled_by=event, epoch=record.epoch + (1 if changed else 0)
        )


# -- merging


def merge_and_unload(interpreter: Interpreter, call: Call) -> Value:
    """Merges in place and returns the base; the wrapper is a shell afterwards (peft-facts section 7)."""
    return _unload(interpreter, call, "unload")


def unload(interpreter: Interpreter, call: Call) -> Value:
    return _unload(interpreter, call, "discard")


def _unload(interpreter: Interpreter, call: Call, how: str) -> Value:
    network = receiver_network(interpreter, call)
    wrapper = call.receiver.id if isinstance(call.receiver, Reference) else None
    event = Merged(**interpreter.about(call, call.receiver), how=how, wrapper=wrapper)
    interpreter.emit(event)
    names = names_in(interpreter, call.value("adapter_names"))
    if names is not None:
        interpreter.emit(
            AdapterNamed(**interpreter.about(call, call.receiver), names=names, parameter="adapter_names")
        )
    record = interpreter.network(network) if network is not None else None
    if network is None or record is None:
        return interpreter.fresh("merged")
    baked = record.baked
    if how == "unload":
        chosen = names if names is not None else record.active
        baked = baked + (chosen or ())
    spend(interpreter, network, event)
    interpreter.change_network(
        network,
        adapters=(),
        active=(),
        merged=False,
        enabled=True,
        wrappers=(),
        wrapped_by=None,
        unloaded=event,
        baked=baked,
        dropout_on=None,
        closed=not record.uncertain,
        epoch=record.epoch + 1,
    )
    return Reference(network)


def merge_adapter(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    interpreter.emit(Merged(**interpreter.about(call, call.receiver), how="in place"))
    if network is not None:
        interpreter.change_network(network, merged=True)
    return NONE


def unmerge_adapter(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    interpreter.emit(Unmerged(**interpreter.about(call, call.receiver)))
    if network is not None:
        interpreter.change_network(network, merged=False)
    return NONE


def get_base_model(interpreter: Interpreter, call: Call) -> Value:
    """The layers below the wrapper, adapters included."""
    network = receiver_network(interpreter, call)
    return Reference(network) if network is not None else interpreter.derived("base", call.receiver or NONE)


def set_requires_grad(interpreter: Interpreter, call: Call) -> Value:
    """PeftModel.set_requires_grad(names, requires_grad=True)."""
    network = receiver_network(interpreter, call)
    names = names_in(interpreter, call.value("adapter_names"))
    if network is not None:
        mark_adapters(
            interpreter, network, names, trainable=truth(call.value("requires_grad") or Constant(True))
        )
    return NONE


def hotswap(interpreter: Interpreter, call: Call) -> Value:
    """`hotswap_adapter(model, path, adapter_name)`: other weights under the same name."""
    network = interpreter.network_id(call.value("model"))
    interpreter.emit(
        WeightsPatched(
            **interpreter.about(call, call.value("model")),
            how="hotswap",
            path=call.value("model_name_or_path"),
        )
    )
    if network is not None:
        name = name_of(call.value("adapter_name"))
        record = interpreter.network(network)
        assert record is not None
        mark_adapters(
            interpreter,
            network,
            (name,),
            origin="loaded",
            path=call.value("model_name_or_path"),
            neutral=False,
        )
        interpreter.change_network(network, epoch=record.epoch + 1)
    return NONE


__all__ = ["DEFAULT", "Adapter", "Symbol", "text"]
