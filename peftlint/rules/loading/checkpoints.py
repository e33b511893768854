"""Questions about configs and weights of saved adapters that several rules ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    Escaped,
    FileRead,
    HandedOut,
    Touched,
    Trained,
    TrainerBuilt,
    WeightsPatched,
    Wrapped,
)
from peftlint.semantics.values import Constant, Value, parts_of, same
from peftlint.semantics.walk import walk

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import ConfigCreated, Event
    from peftlint.semantics.records import Adapter, Config


def is_template(config: Config) -> bool:
    """The saved config was changed: it serves as a pattern for a new adapter."""
    return bool(config.changed)


def weights_follow(
    analysis: Analysis, event: Event, path: Value, adapter: Adapter | None, frozen: bool = False
) -> bool:
    """Do the weights of the adapter come from somewhere afterwards, or may they: loaded, patched in, trained?

    A `frozen` adapter cannot get any from training.
    """
    if any(_concerns(read.path, path) for read in analysis.all(FileRead)):
        return True
    if event.network is None:
        return _touched(analysis, event)
    for later in analysis.later(
        event, AdapterLoaded, WeightsPatched, Trained, TrainerBuilt, Escaped, Wrapped
    ):
        match later:
            case AdapterLoaded() | Wrapped():
                loaded = later.adapter
                if loaded is None or adapter is None or same(loaded.name, adapter.name) is not False:
                    if isinstance(later, Wrapped) and later.how != "checkpoint":
                        continue
                    if loaded is None or adapter is None or same(loaded.name, adapter.name):
                        return True
                    if not isinstance(loaded.name, Constant):
                        return True
            case WeightsPatched(origin="adapter file", how="load_state_dict"):
                continue
            case Trained() | TrainerBuilt() if frozen:
                continue
            case Trained(network=None):
                if later.after(event):
                    return True
            case Escaped():
                if _may_load(later, path) or not _used_before(analysis, event, later):
                    return True
            case _:
                return True
    return False


def _may_load(escaped: Escaped, path: Value) -> bool:
    """The function that is not known is also given the folder."""
    return any(_concerns(value, path) for value in escaped.arguments)


def _used_before(analysis: Analysis, event: Event, escaped: Escaped) -> bool:
    """The model is run for inference before it goes to a function that is not known."""
    from peftlint.semantics.events import Used

    return any(
        used.inference and escaped.after(used) and used.after(event)
        for used in analysis.on(event.network, Used)
    )


def _concerns(value: Value, path: Value) -> bool:
    """Is the value made from the path (or from what the path is made from)?"""
    mine, wanted = parts_of(value), parts_of(path)
    if isinstance(path, Constant) and isinstance(path.value, str):
        return any(path.value in part for part in mine)
    return bool(mine & wanted)


def _touched(analysis: Analysis, event: Event) -> bool:
    """May a model of which nothing else is known get its weights from somewhere, or be trained?"""
    model = event.call.receiver if event.call is not None else None
    if model is None:
        return False
    if any(_is_about(other, model) for other in analysis.all(WeightsPatched, AdapterLoaded, TrainerBuilt)):
        return True
    return any(
        other.value == model if isinstance(other, Touched) else other.network is None and other.after(event)
        for other in analysis.later(event, Touched, Trained)
    )


def _is_about(event: Event, model: Value) -> bool:
    call = event.call
    return call is not None and (model == call.receiver or model in (*call.arguments.values(), *call.extra))


def returned_from_entry(analysis: Analysis, event: Event) -> bool:
    """The model leaves the program through a function that nobody here calls."""
    return any(
        out.how == "return" and not out.stack and out.entry for out in analysis.later(event, HandedOut)
    )


def repeatable_path(analysis: Analysis, origin: ConfigCreated, event: AdapterAdded | Wrapped) -> str | None:
    """The source of the folder's expression if it means the same at the event's call, else None."""
    if origin.call is None or origin.syntax is not event.syntax:
        return None
    arg = origin.call.nodes.get("pretrained_model_name_or_path")
    if arg is None or set(origin.call.nodes) - {"pretrained_model_name_or_path"}:
        return None
    text = origin.syntax.text(arg.value)
    if isinstance(arg.value, cst.SimpleString):
        return text
    if origin.stack != event.stack or origin.entry != event.entry or origin.loops != event.loops:
        return None
    if _rebound_between(analysis, arg.value, origin, event):
        return None
    return text


def _rebound_between(analysis: Analysis, path: cst.BaseExpression, origin: Event, event: Event) -> bool:
    """Is a name in the path's expression assigned between the two calls, or does the expression call something?"""
    syntax = event.syntax
    if origin.node is event.node or _inside(origin.node, event.node):
        return False
    if syntax.context(origin.node) != syntax.context(event.node):
        return True
    names = {node.value for node in walk(path) if isinstance(node, cst.Name)}
    if any(isinstance(node, cst.NamedExpr | cst.Await | cst.Yield) for node in walk(path)):
        return True
    start, end = syntax.span(origin.node), syntax.span(event.node)
    for node in syntax.every(cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For, cst.NamedExpr):
        if isinstance(node, cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.For | cst.NamedExpr):
            targets = {each.value for each in walk(node.target) if isinstance(each, cst.Name)}
            if targets & names and start < syntax.span(node.target) < end:
                return True
    return False


def _inside(node: cst.CSTNode, outer: cst.CSTNode) -> bool:
    return any(each is node for each in walk(outer))
