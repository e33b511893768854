"""Attributes and items that are assigned: gradients switched, methods patched, containers filled."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.effects import training
from peftlint.semantics.events import (
    GradientsSet,
    WeightsPatched,
)
from peftlint.semantics.records import (
    Config,
    Network,
    Output,
)
from peftlint.semantics.values import (
    BoundLibrary,
    Reference,
    Symbol,
    Value,
    sources_of,
    truth,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def attribute_assigned(
    interpreter: Interpreter, owner: Value, name: str, value: Value, target: cst.CSTNode | None = None
) -> None:
    """`owner.name = value` on something that is followed."""
    record = interpreter.state.record(owner)
    if isinstance(record, Config) and isinstance(owner, Reference):
        arguments = {**dict(record.arguments), name: value}
        interpreter.state.store(
            owner.id, replace(record, arguments=tuple(arguments.items()), changed=(*record.changed, name))
        )
    elif name == "requires_grad":
        gradients_set(interpreter, owner, value, target)
    elif name == "__class__" and isinstance(owner, Reference) and isinstance(record, Network):
        # it has other methods from here on, as with the adapters library
        interpreter.forget([owner.id])
        interpreter.change_network(owner.id, kind="unknown")
    if isinstance(owner, BoundLibrary | Symbol) and name in ("data", "weight", "bias"):
        node = interpreter.where.loops[-1] if interpreter.where.loops else None
        if node is not None:
            note_patched(interpreter, owner, node, None)


def note_patched(interpreter: Interpreter, value: Value, node: cst.CSTNode, call: Call | None) -> None:
    """Parameters are written by hand."""
    networks = training.networks_behind(interpreter, value)
    for network in sorted(networks):
        interpreter.emit(
            WeightsPatched(
                node=node,
                syntax=interpreter.syntax,
                call=call,
                network=network,
                handle=network,
                how="by hand",
            )
        )
    interpreter.forget(networks)


#: a parameter in a loop over `model.parameters()` or `model.named_parameters()`
_EACH_PARAMETER = re.compile(r"item\(all \w+~\d+,\d+\)(\[1\])?")


_FLAGS = ("either(True|False)", "either(False|True)")


def gradients_set(interpreter: Interpreter, owner: Value, value: Value, node: cst.CSTNode | None) -> None:
    """`parameter.requires_grad = value`, usually in a loop over parameters; `loss.requires_grad_(value)`."""
    where = node or (interpreter.where.loops[-1] if interpreter.where.loops else None)
    if where is None:
        return
    of_output = any(isinstance(interpreter.state.heap.get(s), Output) for s in sources_of(owner))
    every = isinstance(owner, Symbol) and _EACH_PARAMETER.fullmatch(owner.key) is not None
    some = interpreter.where.filtered or any("item(" in d.key for d in interpreter.state.decisions)
    # a flag that branches on the parameter's name have set before: `if trainable: ...`
    some = some or any(d.key in _FLAGS for d in interpreter.state.decisions)
    filtered = not every or some
    for network in sorted(training.networks_behind(interpreter, owner)):
        interpreter.emit(
            GradientsSet(
                node=where,
                syntax=interpreter.syntax,
                network=network,
                handle=network,
                value=truth(value),
                filtered=filtered,
                of_output=of_output,
            )
        )
        record = interpreter.network(network)
        if record is not None and not of_output:
            known = truth(value) if not filtered else None
            interpreter.change_network(
                network, adapters=tuple(replace(a, trainable=known) for a in record.adapters)
            )


def item_assigned(interpreter: Interpreter, owner: Value, index: Value, value: Value) -> None:
    """`owner[index] = value`."""
    del owner, index
    interpreter.stored |= sources_of(value)
