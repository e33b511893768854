"""Adding, loading, activating, disabling, deleting and merging adapters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
from peftlint.semantics.effects.injection import (
    freeze_named,
    held_active,
    hold_active,
    inject,
    replaced_while_merged,
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
    from peftlint.semantics.events import Call, Event
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
        if _spent(interpreter, call):
            # the shell goes on with its own list of adapters
            interpreter.forget([network])
            return NONE
        learns = starts_trainable(config)
        frozen = None if learns is None else not learns
        active = (adapter.name,) if activates else held_active(interpreter, call) if api == "peft" else None
        inject(interpreter, network, adapter, active, frozen)
        if activates:
            # transformers' and diffusers' add_adapter end with set_adapter
            activate(interpreter, network, (adapter.name,), event, False)
        interpreter.change_network(network, dropout_on=event)
    return NONE


def add_adapter_to_unknown(interpreter: Interpreter, call: Call) -> Value:
    """add_adapter on a receiver that is not known: the config is the only evidence that this is PEFT."""
    config, config_id, value = find_config(interpreter, call)
    if config is not None:
        if call.receiver is not None:
            interpreter.suspects.add(call.receiver)
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
    adapter = Adapter(name, "loaded", path=path, trained=True, trainable=trainable)
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
        adapter = replace(adapter, created=event, activated=activated)
        if _spent(interpreter, call) or (api == "peft" and name in record.configured and replaced is None):
            # a name that the base has a config of is not put into the layers: the call does nothing
            interpreter.forget([network])
        else:
            _put_loaded(interpreter, network, call, adapter, api, activates)
        if trainable is False:
            # peft's evaluates the whole model; transformers' does since 4.48 (peft-facts section 4)
            target = interpreter.targets.transformers
            if api != "transformers" or target.every(">=4.48") or record.training is False:
                mode: bool | None = False
            else:
                mode = None if target.some(">=4.48") else record.training
            interpreter.change_network(network, training=mode, dropout_on=None)
        elif trainable:
            interpreter.change_network(network, dropout_on=event)
    return interpreter.fresh("load_result") if api == "peft" else NONE


def _spent(interpreter: Interpreter, call: Call) -> bool:
    wrapper = interpreter.state.get(call.receiver, Wrapper)
    return wrapper is not None and wrapper.spent is not None


def _put_loaded(
    interpreter: Interpreter,
    network: int,
    call: Call,
    adapter: Adapter,
    api: str | None,
    activates: bool | None,
) -> None:
    record = interpreter.network(network)
    assert record is not None
    before = record.adapter(adapter.name)
    if api == "peft" and before is not None:
        # the weights are written into the layers that are there: who learns and what is merged stays
        trainable = before.trainable
        put_adapter(interpreter, network, replace(adapter, trainable=trainable), False)
        if record.merged is not False:
            interpreter.change_network(network, merged_adapters=None)
        replaced_while_merged(interpreter, network, adapter.name)
        return
    learns = adapter.trainable
    if api == "peft":
        inject(
            interpreter,
            network,
            adapter,
            held_active(interpreter, call),
            None if learns is None else not learns,
        )
        now = interpreter.network(network)
        added = now.adapter(adapter.name) if now is not None else None
        wrapper = interpreter.state.get(call.receiver, Wrapper)
        if wrapper is not None and wrapper.mixed:
            # PeftMixedModel.load_adapter ends with set_adapter
            assert adapter.created is not None
            activate(interpreter, network, wrapper.active, adapter.created, False)
        elif learns and added is not None and added.trainable is False:
            # up to 0.20 a trainable adapter that is loaded beside an active one learns once it is active itself
            target = interpreter.targets.peft
            eventually = True if target.every(">=0.21") else (None if target.some(">=0.21") else False)
            mark_adapters(interpreter, network, (adapter.name,), trainable=eventually)
        return
    active = (adapter.name,) if activates else (record.active if activates is False else None)
    inject(interpreter, network, adapter, active, None if learns is None else not learns)
    if api == "transformers" and learns is not True:
        # transformers 5 freezes all layers with adapters, not only the new ones
        target = interpreter.targets.transformers
        if target.some(">=5.0"):
            frozen = False if learns is False and target.every(">=5.0") else None
            now = interpreter.network(network)
            names = tuple(a.name for a in now.adapters if a.trainable is not False) if now is not None else ()
            mark_adapters(interpreter, network, names, trainable=frozen)


def combine(interpreter: Interpreter, call: Call) -> Value:
    """add_weighted_adapter: makes an adapter, does not activate it."""
    network = receiver_network(interpreter, call)
    name = name_of(call.value("adapter_name"))
    # its gradients are turned off, in every release
    adapter = Adapter(name, "combined", neutral=None, trained=None, trainable=False)
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
        former = record is not None and record.unloaded is not None and interpreter.targets.peft.some("<0.21")
        if _spent(interpreter, call) or former:
            # a model that was unloaded keeps the names of its adapters up to 0.20, and a name that is taken is
            # passed over in silence
            interpreter.forget([network])
        elif record is not None and record.adapter(name) is None:
            first = record.adapter(sources[0]) if sources else None
            inject(
                interpreter,
                network,
                replace(adapter, created=event),
                held_active(interpreter, call),
                _config_frozen(interpreter, first),
            )
            freeze_named(interpreter, network, name)
    return NONE


def _config_frozen(interpreter: Interpreter, adapter: Adapter | None) -> bool | None:
    """The `inference_mode` of the config that the adapter was made with."""
    if adapter is None or adapter.origin != "fresh":
        return None
    learns = starts_trainable(interpreter.state.get(adapter.config, Config))
    return None if learns is None else not learns


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
    inference = call.value("inference_mode")
    activate(
        interpreter,
        network,
        names,
        event,
        False if inference is None else truth(inference),
        unmerges=event.api != "transformers",
    )
    hold_active(interpreter, call.receiver, names)
    return NONE


def activate(
    interpreter: Interpreter,
    network: int,
    names: tuple[Value, ...] | None,
    event: Event,
    frozen: bool | None,
    unmerges: bool = True,
) -> None:
    record = interpreter.network(network)
    if record is None:
        return
    # switching while merged un-merges by itself on a PeftModel (peft-facts section 7), not in transformers' own method
    merge: dict[str, Any] = {"merged": False, "merged_adapters": ()} if unmerges else {}
    if names is None:
        adapters = tuple(replace(a, trainable=None, activated=a.activated or event) for a in record.adapters)
        interpreter.change_network(network, adapters=adapters, active=None, epoch=record.epoch + 1, **merge)
        return
    learns = None if frozen is None else not frozen
    adapters = tuple(
        replace(a, trainable=learns, activated=event) if a.name in names else replace(a, trainable=False)
        for a in record.adapters
    )
    # a name that is not literally one of ours may still be one of them
    if any(not isinstance(name, Constant) and record.adapter(name) is None for name in names):
        adapters = tuple(replace(a, trainable=None, activated=event) for a in record.adapters)
        active: tuple[Value, ...] | None = names
    else:
        active = names
    changed = active != record.active
    interpreter.change_network(
        network, adapters=adapters, active=active, epoch=record.epoch + (1 if changed else 0), **merge
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
    if active is None or any(name in active for name in names):
        rest = tuple(name for name in active if name not in names) if active is not None else ()
        # those that stay active learn from now on; without any, each layer takes the next that it has
        active = rest or None
        kept = tuple(replace(a, trainable=a.name in rest if rest else None) for a in kept)
    if not kept and record.closed:
        active = ()
    hold_active(interpreter, call.receiver, active)
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
    wrapper = interpreter.state.get(call.receiver, Wrapper)
    mixed = wrapper is not None and wrapper.mixed
    return interpreter.make(Context("disable_adapter", network=network, enables=mixed))


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
        if record.closed and not record.adapters and not record.deleted:
            # no layers to switch
            return
        changed = record.enabled != enabled
        adapters = tuple(replace(a, trainable=_learns(record, a, enabled)) for a in record.adapters)
        interpreter.change_network(
            network,
            adapters=adapters,
            enabled=enabled,
            disabled_by=event,
            epoch=record.epoch + (1 if changed else 0),
        )


def _learns(record: Network, adapter: Adapter, enabled: bool | None) -> bool | None:
    """Disabling turns all gradients off, enabling turns on those of the active adapters, whatever they were before."""
    if enabled is False:
        return False
    if enabled is None or record.active is None:
        return None
    return adapter.name in record.active


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
    baked = _baked(record, how, names)
    spend(interpreter, network, event)
    interpreter.change_network(
        network,
        adapters=(),
        active=(),
        merged=False,
        merged_adapters=(),
        enabled=True,
        wrappers=(),
        wrapped_by=None,
        unloaded=event,
        baked=baked,
        dropout_on=None,
        closed=not record.uncertain,
        configured=tuple(adapter.name for adapter in record.adapters)
        if interpreter.targets.peft.some("<0.19")
        else (),
        epoch=record.epoch + 1,
    )
    receiver = interpreter.state.get(call.receiver, Wrapper)
    if receiver is not None and receiver.nested is not None and interpreter.targets.peft.every("<0.19"):
        # what it wraps is handed back, and that is the inner wrapper, a shell too; since 0.19 the call raises
        return Reference(receiver.nested)
    return Reference(network)


def _baked(record: Network, how: str, names: tuple[Value, ...] | None) -> tuple[Value, ...] | None:
    """The adapters that are in the weights for good once the layers are gone; what was merged in place stays in them."""
    merged = record.merged_adapters if record.merged is not False else ()
    if record.baked is None or merged is None:
        return None
    if how != "unload":
        return record.baked + merged
    chosen = names if names is not None else record.active
    if chosen is None:
        return None
    there = tuple(name for name in chosen if not record.closed or record.adapter(name) is not None)
    return record.baked + merged + tuple(name for name in there if name not in merged)


def merge_adapter(interpreter: Interpreter, call: Call) -> Value:
    """Merges the named, by default the active adapters; names that are not there are passed over in silence."""
    network = receiver_network(interpreter, call)
    interpreter.emit(Merged(**interpreter.about(call, call.receiver), how="in place"))
    record = interpreter.network(network) if network is not None else None
    if network is None or record is None:
        return NONE
    given = call.value("adapter_names")
    names = record.active if given is None or given == NONE else names_in(interpreter, given)
    if names is None or record.merged_adapters is None or record.merged is None or call.open:
        # whichever are active: a model that somebody else got may have others active, but hardly none at all
        some = given is None and not call.open and record.active is None and bool(record.adapters)
        interpreter.change_network(
            network, merged=True if record.merged or some else None, merged_adapters=None
        )
        return NONE
    before = record.merged_adapters
    there = tuple(
        n for n in names if n not in before and (not record.closed or record.adapter(n) is not None)
    )
    certain = bool(before) or any(record.adapter(name) is not None for name in there)
    merged = True if certain else (None if there else False)
    interpreter.change_network(network, merged=merged, merged_adapters=before + there)
    return NONE


def unmerge_adapter(interpreter: Interpreter, call: Call) -> Value:
    network = receiver_network(interpreter, call)
    interpreter.emit(Unmerged(**interpreter.about(call, call.receiver)))
    if network is not None:
        interpreter.change_network(network, merged=False, merged_adapters=())
    return NONE


def get_base_model(interpreter: Interpreter, call: Call) -> Value:
    """The layers below the wrapper, adapters included."""
    network = receiver_network(interpreter, call)
    wrapper = interpreter.state.get(call.receiver, Wrapper)
    if wrapper is not None and wrapper.nested is not None:
        return Reference(wrapper.nested)
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
            neutral=None,
        )
        replaced_while_merged(interpreter, network, name)
        interpreter.change_network(network, epoch=record.epoch + 1)
    return NONE


__all__ = ["DEFAULT", "Adapter", "Symbol", "text"]
