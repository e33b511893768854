"""What putting an adapter into the layers does to those that are there: which learn, which are merged, which are active.

The claims here are held against the library by `python -m tools.oracle`, which runs random programs on peft 0.11, 0.17,
0.19 and 0.21.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from peftlint.semantics.records import Adapter, Wrapper
from peftlint.semantics.values import Reference, Value, text

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter

#: parts of the names of parameters, of which a name of an adapter may be a piece
_PARAMETER_WORDS = (
    "base_model.model.model.layers.self_attn.q_proj.o_proj.mlp.gate_proj.lm_head.lora_A.lora_B.weight"
)
#: releases of peft between which injection treats the gradients of the other adapters differently
_ERAS = ("<0.18", ">=0.18,<0.21", ">=0.21")


def inject(
    interpreter: Interpreter,
    network: int,
    adapter: Adapter,
    active: tuple[Value, ...] | None,
    frozen: bool | None,
) -> None:
    """Adds the adapter; `active` are active afterwards, `frozen` is the config's `inference_mode`.

    `BaseTuner.inject_adapter` un-merges, calls `set_adapter(active)` and, up to 0.20, leaves the gradients as that
    set them; up to 0.17 without regard to the `inference_mode`; 0.21 puts back what was there.
    """
    record = interpreter.network(network)
    assert record is not None
    before = record.adapter(adapter.name)
    if before is not None or not record.closed:
        # the layers that the new config does not target keep what the old one put there
        adapter = replace(adapter, neutral=None)
    learns = _active(adapter.name, active)
    if learns is not False and frozen is not False:
        learns = False if frozen else None
    adapter = replace(adapter, trainable=learns)
    others = tuple(
        replace(a, trainable=_afterwards(interpreter, a, adapter.name, active, frozen))
        for a in record.adapters
        if a.name != adapter.name
    )
    if before is not None:
        replaced_while_merged(interpreter, network, adapter.name)
    changed = active != record.active or (active is not None and adapter.name in active)
    interpreter.change_network(
        network,
        adapters=(*others, adapter),
        active=active,
        merged=False,
        merged_adapters=(),
        epoch=record.epoch + (1 if changed else 0),
    )


def replaced_while_merged(interpreter: Interpreter, network: int, name: Value | None) -> None:
    """The adapter (None: any of them) gets other weights. If it is merged, un-merging subtracts those instead of what
    was added, and the base keeps the difference for good.
    """
    record = interpreter.network(network)
    assert record is not None
    merged = record.merged_adapters
    if record.merged is not False and (name is None or merged is None or name in merged):
        interpreter.change_network(network, baked=None)


def _active(name: Value, active: tuple[Value, ...] | None) -> bool | None:
    return None if active is None else name in active


def _afterwards(
    interpreter: Interpreter,
    adapter: Adapter,
    added: Value,
    active: tuple[Value, ...] | None,
    frozen: bool | None,
) -> bool | None:
    """Does an adapter learn after another one was put in?"""
    found: set[bool | None] = set()
    for era in _ERAS:
        if not interpreter.targets.peft.some(era):
            continue
        if era == ">=0.21":
            found.add(adapter.trainable)
            continue
        learns = _active(adapter.name, active)
        if era != "<0.18" and learns is not False and frozen is not False:
            learns = False if frozen else None
        if learns is not False and frozen is not False:
            learns = _unless_contained(adapter.name, added, frozen, learns)
        found.add(learns)
    return found.pop() if len(found) == 1 else None


def _unless_contained(name: Value, added: Value, frozen: bool | None, learns: bool | None) -> bool | None:
    """Up to 0.20 a frozen adapter freezes every parameter whose name contains the adapter's (peft-facts section 4)."""
    piece, whole = text(added), text(name)
    if piece is None or whole is None:
        return None
    if piece in whole:
        return False if frozen else None
    return None if piece in _PARAMETER_WORDS else learns


def freeze_named(interpreter: Interpreter, network: int, name: Value) -> None:
    """add_weighted_adapter freezes every parameter whose name contains the new adapter's, in every release."""
    record = interpreter.network(network)
    assert record is not None
    adapters = tuple(
        replace(
            a,
            trainable=_unless_contained(a.name, name, True, a.trainable)
            if a.trainable is not False
            else False,
        )
        for a in record.adapters
    )
    interpreter.change_network(network, adapters=adapters)


def held_active(interpreter: Interpreter, call: Call) -> tuple[Value, ...] | None:
    """The adapters that the receiver's tuner takes for active: it makes the layers agree when it adds an adapter."""
    wrapper = interpreter.state.get(call.receiver, Wrapper)
    if wrapper is not None:
        return wrapper.active
    network = interpreter.network(call.receiver)
    return network.active if network is not None else None


def hold_active(interpreter: Interpreter, receiver: Value | None, active: tuple[Value, ...] | None) -> None:
    """The tuner of that wrapper takes these adapters for active."""
    if isinstance(receiver, Reference) and interpreter.state.get(receiver, Wrapper) is not None:
        interpreter.state.change(receiver.id, active=active)


__all__ = ["freeze_named", "held_active", "hold_active", "inject", "replaced_while_merged"]
