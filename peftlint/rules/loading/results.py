"""What is called on a model, and what becomes of the result that is no model."""

from __future__ import annotations

import libcst as cst

from peftlint.fixes.text import ancestors
from peftlint.rules.plain import plain, plain_text
from peftlint.semantics.events import Event, ResultAssigned, WeightsPatched
from peftlint.semantics.values import NONE, Symbol
from peftlint.semantics.walk import walk

_OF_MODELS = frozenset(
    "generate eval train to cuda half forward merge_and_unload save_pretrained parameters".split()
)


def of_a_tensor(event: Event) -> bool:
    """`weight.data[0] = weight.data[0].fill_(0)`: what is patched is a tensor, and a tensor is what the call returns."""
    return (
        isinstance(event, WeightsPatched)
        and event.call is not None
        and isinstance(event.call.receiver, Symbol)
    )


def model_of(event: ResultAssigned) -> str:
    """What the call was made on or given, as written; "" if that is not to be seen."""
    call = event.call
    node = call.receiver_node if call is not None and call.receiver is not None else None
    if node is None and call is not None and "model" in call.nodes:
        node = call.nodes["model"].value
    return plain(node) if node is not None else ""


def becomes(event: ResultAssigned, name: str, model: str) -> bool:
    """`x = model.set_adapter(...)`, and in the same block `model = x`."""
    statement = event.syntax.statement(event.node)
    block = event.syntax.parent(statement)
    if not isinstance(block, cst.IndentedBlock | cst.Module) or not name.isidentifier():
        return False
    after = list(block.body)[[each is statement for each in block.body].index(True) + 1 :]
    return any(
        isinstance(small, cst.Assign)
        and plain(small.value) == name
        and any(plain(target.target) == model for target in small.targets)
        for line in after
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
    )


def used_as_model(event: ResultAssigned) -> bool:
    """`x = model.set_adapter(...)`, and in the same function `x.generate(...)`."""
    around = next((p for p in ancestors(event.syntax, event.node) if isinstance(p, cst.FunctionDef)), None)
    whole = around.body if around is not None else event.syntax.module
    if event.result != NONE:
        return False
    inside = list(walk(whole))
    targets = {plain_text(event.target)}
    for node in inside:
        if isinstance(node, cst.Assign) and plain(node.value) in targets:
            targets.update(plain(each.target) for each in node.targets)
    uses = (
        node
        for node in inside
        if isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in _OF_MODELS
        and plain(node.func.value) in targets
    )
    return any(event.syntax.span(node) > event.syntax.span(event.node) for node in uses)
