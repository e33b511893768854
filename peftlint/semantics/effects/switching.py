"""Which adapters a model runs: switched, disabled and enabled, scaled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from peftlint.semantics.effects.common import (
    api_of,
    mark_adapters,
    names_in,
    receiver_network,
)
from peftlint.semantics.effects.injection import (
    hold_active,
)
from peftlint.semantics.events import (
    AdapterActivated,
    AdaptersDisabled,
    AdaptersEnabled,
)
from peftlint.semantics.records import Adapter, Context, Network, Wrapper
from peftlint.semantics.values import NONE, Constant, Value, truth

if TYPE_CHECKING:
    from peftlint.semantics.events import Call, Event
    from peftlint.semantics.interpreter import Interpreter


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


def set_requires_grad(interpreter: Interpreter, call: Call) -> Value:
    """PeftModel.set_requires_grad(names, requires_grad=True)."""
    network = receiver_network(interpreter, call)
    names = names_in(interpreter, call.value("adapter_names"))
    if network is not None:
        mark_adapters(
            interpreter, network, names, trainable=truth(call.value("requires_grad") or Constant(True))
        )
    return NONE
