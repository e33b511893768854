"""Context managers: what holds inside a `with`, and what is put back at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from peftlint.semantics.effects import switching
from peftlint.semantics.events import (
    AdaptersDisabled,
)
from peftlint.semantics.records import (
    Context,
    Instance,
    Network,
)
from peftlint.semantics.values import (
    NONE,
    Class,
    Function,
    Symbol,
    Value,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call, Event
    from peftlint.semantics.interpreter import Interpreter


def enter_context(
    interpreter: Interpreter, value: Value, node: cst.CSTNode
) -> tuple[Value, dict[str, Any], Callable[[], None] | None]:
    """What `with value as x` binds, how the surroundings change, and what is undone at the end."""
    record = interpreter.state.record(value)
    if isinstance(record, Context) and record.kind == "disable_adapter":
        network = record.network
        before = interpreter.network(network) if network is not None else None
        event = AdaptersDisabled(
            node=node, syntax=interpreter.syntax, network=network, handle=network, scope="context"
        )
        interpreter.emit(event)
        switching.switch_layers(interpreter, network, False, event)

        def restore() -> None:
            enabled = before.enabled if before else None
            if record.enables:
                enabled = True
            elif enabled is False and before is not None and _newer(before, before.disabled_by):
                # layers that only a later adapter targets are enabled; if some are, all are from here on
                enabled = None
            elif enabled is False:
                # nothing is put back: what the block did to the layers stays
                now = interpreter.network(network) if network is not None else None
                if network is not None and now is not None and now.disabled_by is event:
                    interpreter.change_network(network, disabled_by=before.disabled_by if before else None)
                return
            switching.switch_layers(interpreter, network, enabled, None)

        return value, {}, restore
    if isinstance(record, Instance) and isinstance(record.cls, str):
        last = record.cls.rpartition(".")[2]
        if last in ("no_grad", "inference_mode"):
            return value, {"no_grad": True}, None
        return value, {}, None
    if isinstance(record, Instance) and isinstance(record.cls, Class):
        return _enter_object(interpreter, value, record.cls)
    if isinstance(value, Symbol):
        if value.key.startswith(("no_grad", "inference_mode")):
            return value, {"no_grad": True}, None
        if value.key.startswith(("raises", "assertRaises")) or ".assertRaises" in value.key:
            return value, {"expected_failure": True, "fails": True}, None
        if value.key.startswith("warns"):
            return value, {"expected_failure": True}, None
        return Symbol(f"entered({value.key})", value.sources, value.parts), {}, None
    return value, {}, None


def _newer(network: Network, event: Event | None) -> bool:
    """Was an adapter put in after the event?"""
    return event is None or any(a.created is None or a.created.after(event) for a in network.adapters)


def _enter_object(
    interpreter: Interpreter, value: Value, cls: Class
) -> tuple[Value, dict[str, Any], Callable[[], None] | None]:
    enter, leave = cls.lookup("__enter__"), cls.lookup("__exit__")
    result = value
    if isinstance(enter, Function):
        result = interpreter.call_value(enter, (value,), cst.Call(func=cst.Name("__enter__")))
    if not isinstance(leave, Function):
        return result, {}, None

    def restore() -> None:
        target = interpreter.state
        outcomes, _ = interpreter.attempt(
            target,
            lambda: interpreter.call_value(
                leave, (value, NONE, NONE, NONE), cst.Call(func=cst.Name("__exit__"))
            ),
        )
        if outcomes:
            target.become(outcomes[0].state)

    return result, {}, restore


def leave(interpreter: Interpreter, call: Call) -> Value:
    """sys.exit() and the like."""
    from peftlint.semantics.paths import Diverges

    del interpreter, call
    raise Diverges


def expect_failure(interpreter: Interpreter, call: Call) -> Value:
    """pytest.raises(...)."""
    del call
    return interpreter.fresh("raises")


def grad_off(interpreter: Interpreter, call: Call) -> Value:
    del call
    return interpreter.fresh("no_grad")
