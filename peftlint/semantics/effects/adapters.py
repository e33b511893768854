"""Adapters put into a model that has or gets several, replaced and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.api.names import loads_languages
from peftlint.semantics.effects.common import (
    api_of,
    config_of,
    find_config,
    is_neutral,
    mark_adapters,
    name_of,
    names_in,
    put_adapter,
    receiver_network,
    starts_trainable,
)
from peftlint.semantics.effects.injection import (
    freeze_named,
    held_active,
    inject,
    replaced_while_merged,
)
from peftlint.semantics.effects.switching import activate
from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    AdapterNamed,
    AdaptersCombined,
    WeightsPatched,
)
from peftlint.semantics.records import Adapter, Config, Wrapper
from peftlint.semantics.values import NONE, Value, text, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


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
    if api == "transformers" and record is not None and loads_languages(record.class_name):
        return interpreter.fresh("loaded")
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
