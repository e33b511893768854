"""How findings name things: as the user wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from peftlint.semantics.values import Constant, Value

if TYPE_CHECKING:
    from peftlint.semantics.events import Event
    from peftlint.semantics.records import Adapter

_LONGEST = 60


def argument(event: Event, *parameters: str) -> str | None:
    """The source text of the first of these arguments that the event's call gives."""
    if event.call is None:
        return None
    for parameter in parameters:
        node = event.call.nodes.get(parameter)
        if node is not None and not node.star:
            text = " ".join(event.syntax.text(node.value).split())
            return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return None


def value(known: Value | None, fallback: str) -> str:
    """A constant in quotes, else the fallback."""
    return repr(known.value) if isinstance(known, Constant) else fallback


def adapter(adapter: Adapter) -> str:
    """ "adapter 'math'", or the expression that gave the name: "adapter `name`"."""
    if isinstance(adapter.name, Constant):
        return f"adapter {adapter.name.value!r}"
    text = argument(adapter.created, "adapter_name") if adapter.created is not None else None
    return f"adapter `{text}`" if text else "the adapter"


def path(event: Event, known: Value | None, *parameters: str) -> str:
    """A folder or hub id: 'adapters/math' or `args.adapter`."""
    if isinstance(known, Constant) and isinstance(known.value, str):
        return repr(known.value)
    text = argument(event, *parameters)
    return f"`{text}`" if text else "the checkpoint"


def receiver(event: Event) -> str:
    """The model as the user calls it: `model`, `self.model`."""
    node = event.call.receiver_node if event.call is not None else None
    if node is None:
        text = argument(event, "model")
        return f"`{text}`" if text else "the model"
    text = " ".join(event.syntax.text(node).split())
    return f"`{text}`" if len(text) <= _LONGEST else "the model"


def listed(names: Iterable[Value]) -> str:
    """'math', 'code'"""
    return ", ".join(value(name, "...") for name in names)
