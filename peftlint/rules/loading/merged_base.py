"""A base that has an adapter merged into it already, and is taken for the plain one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.rules.plain import plain
from peftlint.semantics.events import Merged, ResultAssigned, Saved, Used, Wrapped
from peftlint.semantics.setters import SETTING, targets_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event


def merged_before(analysis: Analysis, event: Wrapped) -> tuple[Merged, Event] | None:
    """The merge into the base, and the use of what it gave, if the adapter is put on top of it unawares.

    The program gives the merged model a name of its own and goes on with the name of the base, which is the same object.
    Who merges one adapter after the other on purpose goes on with what the merge gave.
    """
    network = event.before
    merge = network.unloaded if network is not None else None
    if network is None or not isinstance(merge, Merged) or merge.how != "unload" or not network.baked:
        return None
    if not event.raw or event.how != "checkpoint" or network.uncertain or event.expected_failure:
        return None
    first = next((w for w in analysis.earlier(event, Wrapped) if w.wrapper == merge.handle), None)
    base = _base(event)
    if first is None or not base or first.syntax is not event.syntax or _base(first) != base:
        return None
    targets = {made.target for made in analysis.all(ResultAssigned) if made.made is merge}
    if base in targets or (not targets and _is_dropped(merge)) or _is_rebound(event, base):
        return None
    for use in analysis.on(event.network, Used, Saved):
        if use.after(merge) and event.after(use) and analysis.certain(event, merge):
            return merge, use
    return None


def _base(event: Wrapped) -> str:
    """The base as the call names it: a variable, an attribute or an item."""
    given = event.call.nodes.get("model") if event.call is not None else None
    named = given is not None and isinstance(given.value, cst.Name | cst.Attribute | cst.Subscript)
    return plain(given.value) if given is not None and named else ""


def _is_dropped(merge: Merged) -> bool:
    """`m.merge_and_unload()` as a statement: the author knows that it happens in place."""
    return isinstance(merge.syntax.parent(merge.node), cst.Expr)


def _is_rebound(event: Wrapped, base: str) -> bool:
    """Is the name given to something else further down, or in the same loop?"""
    syntax = event.syntax
    loops = [loop for loop in event.loops if syntax.holds(loop)]
    begun = min(syntax.span(node).line for node in (event.node, *loops))
    where = syntax.context(event.node)
    return any(
        plain(target) == base
        for node in syntax.every(*SETTING)
        if syntax.span(node).line >= begun and syntax.context(node) == where
        for target in targets_of(node)
    )
