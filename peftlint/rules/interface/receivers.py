"""Of which class the model is that a method is called on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from peftlint.semantics.events import Event, MethodCalled
from peftlint.semantics.values import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peftlint.semantics.analysis import Analysis


@lru_cache(maxsize=64)
def _defines(code: str, name: str) -> bool:
    return f"class {name}" in code


def is_own_class(analysis: Analysis, event: Event) -> bool:
    """Is the model of a class that the program derives, or that comes with the checkpoint (trust_remote_code)?"""
    network = event.before
    if network is None:
        return False
    if _defines(event.syntax.code, network.class_name):
        return True
    created = network.created.call if network.created is not None else None
    if created is None or "trust_remote_code" not in created.unknown:
        return False
    return truth(created.unknown["trust_remote_code"]) is not False


def may_be_another(analysis: Analysis, site: Sequence[Event]) -> bool:
    """Is the receiver of the call something else, or of another kind, on another way to the same place?"""
    event = site[0]
    others = analysis.interpreter.called_on_others.get(event.node, ())
    return (event.entry, event.stack) in others or len({_kind(each) for each in site}) > 1


def _kind(event: Event) -> str:
    return event.kind if isinstance(event, MethodCalled) else ""


def is_library_model(analysis: Analysis, event: MethodCalled) -> bool:
    """Is the model of a class of transformers itself?"""
    network = event.before
    if (
        network is None
        or network.kind != "transformers"
        or network.created is None
        or is_own_class(analysis, event)
    ):
        return False
    created = network.created.call
    return created is not None and created.callee.startswith("transformers.")
