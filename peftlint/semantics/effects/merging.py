"""Adapters merged into the base, taken out of it, and the base taken from under them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import (
    names_in,
    receiver_network,
    spend,
)
from peftlint.semantics.effects.injection import (
    hold_active,
)
from peftlint.semantics.events import (
    AdapterDeleted,
    AdapterNamed,
    Merged,
    Unmerged,
)
from peftlint.semantics.records import Network, Wrapper
from peftlint.semantics.values import NONE, Constant, Reference, Value

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


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
