"""Two models that a program sets side by side: the base of one that was trained, and a copy with the adapter loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.events import Compared, Trained, Used
from peftlint.semantics.values import sources_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


def beside_reloaded(analysis: Analysis, event: Used) -> Used | None:
    """The use of a second copy that has the adapter loaded, on the input on which the base of the first one runs.

    The first copy was trained through its PeftModel, and the program has a name for that: its base variable stands for
    the model as it was. Where the two results are compared with each other, training and loading are to agree.
    """
    network = event.before
    if network is None or network.source is None or not all(a.trained for a in network.active_adapters()):
        return None
    if not any(
        event.after(training) and training.handle in network.wrappers
        for training in analysis.on(event.network, Trained)
    ):
        return None
    for used in analysis.all(Used):
        copy = used.before
        if used.network in (event.network, None) or copy is None or copy.source != network.source:
            continue
        if used.handle not in copy.wrappers or copy.uncertain or used.entry != event.entry:
            continue
        if not copy.active_adapters() or any(a.origin != "loaded" for a in copy.active_adapters()):
            continue
        if _same_input(event, used) and not _compared(analysis, event, used):
            return used
    return None


def _same_input(left: Used, right: Used) -> bool:
    """Do the calls, or those of the helper in which both models run, share an argument?"""
    if left.node is right.node and len(left.stack) == len(right.stack) and left.stack:
        pair: tuple[cst.CSTNode, cst.CSTNode] = (left.stack[0], right.stack[0])
    elif left.stack or right.stack:
        return False
    else:
        pair = (left.node, right.node)
    mine, theirs = (
        [
            argument.value
            for argument in call.args
            if not isinstance(argument.value, cst.BaseNumber | cst.BaseString)
        ]
        if isinstance(call, cst.Call)
        else []
        for call in pair
    )
    return any(one.deep_equals(other) for one in mine for other in theirs)


def _compared(analysis: Analysis, left: Used, right: Used) -> bool:
    outputs = {left.output, right.output}
    return None not in outputs and any(
        outputs <= sources_of(compared.left) | sources_of(compared.right)
        for compared in analysis.all(Compared)
    )
