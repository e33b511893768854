"""Lightning: `trainer.fit(module)` calls the hooks of the module, and trains by what they give it.

Where no `fit` is seen, a hook that is run from outside is taken for called by it: of a module that is only ever used for
inference nobody writes these. (lightning.pytorch.loops.fit_loop; LightningModule.training_step, .configure_optimizers.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.effects.training import train_by_loss, train_each
from peftlint.semantics.events import Call
from peftlint.semantics.records import DictBox, Instance, Optimizer
from peftlint.semantics.values import NONE, BoundMethod, Class, Constant, Function, Value

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.interpreter import Interpreter

TRAINERS = ("pytorch_lightning.Trainer", "lightning.Trainer", "lightning.pytorch.Trainer")
#: the hooks in the order in which they are called, before the step of the optimizers and after it
_BEFORE = (
    "setup", "configure_model", "configure_optimizers", "on_fit_start", "on_train_start", "on_train_epoch_start",
    "training_step",
)  # fmt: skip
_AFTER = (
    "validation_step", "on_validation_epoch_end", "on_train_epoch_end", "on_train_end", "on_fit_end", "teardown",
)  # fmt: skip


def fit(interpreter: Interpreter, call: Call) -> Value:
    """`trainer.fit(module, ...)`."""
    module = call.value("model")
    record = interpreter.state.get(module, Instance)
    if module is None or record is None or not isinstance(record.cls, Class) or not _is_module(record.cls):
        interpreter.escape(call, [v for v in (module, *call.extra, *call.unknown.values()) if v is not None])
        return NONE
    optimizers: Value = NONE
    for name in _BEFORE:
        result = _call_hook(interpreter, module, record.cls, name, call)
        if name == "configure_optimizers":
            optimizers = result
        elif name == "training_step":
            train_by_loss(interpreter, _loss(interpreter, result), call.node, call)
    _step(interpreter, optimizers, call.node, call)
    for name in _AFTER:
        with interpreter.surroundings(no_grad=interpreter.where.no_grad or "validation" in name):
            _call_hook(interpreter, module, record.cls, name, call)
    return NONE


def _call_hook(interpreter: Interpreter, module: Value, cls: Class, name: str, call: Call) -> Value:
    hook = cls.lookup(name)
    if not isinstance(hook, Function):
        return NONE
    number = len(hook.node.params.params) - 1
    given: list[Value] = [Constant("fit"), *map(interpreter.fresh, ("batch", "batch_idx"))]
    arguments = given[1:] if name.endswith("_step") else given
    return interpreter.call_with(BoundMethod(module, hook), arguments[:number], {}, call.node)


def hook_returned(interpreter: Interpreter, hook: Function, value: Value) -> None:
    """A method that was run from outside gives this back."""
    if hook.owner is None or not _is_module(hook.owner):
        return
    if hook.name == "training_step":
        loss = _loss(interpreter, value)
        if loss != NONE:
            train_by_loss(interpreter, loss, hook.node, None)
    elif hook.name == "configure_optimizers":
        _step(interpreter, value, hook.node, None)


def _is_module(cls: Class) -> bool:
    return any(base.endswith(".LightningModule") for base in cls.library_bases())


def _loss(interpreter: Interpreter, value: Value) -> Value:
    """The loss, or what a dict of results has for it."""
    box = interpreter.state.get(value, DictBox)
    return (box.get(Constant("loss")) or NONE) if box is not None else value


def _step(interpreter: Interpreter, value: Value, node: cst.CSTNode, call: Call | None) -> None:
    """Steps each of the optimizers: one, a list or tuple of them (and of schedulers), or `{"optimizer": ...}`."""
    optimizer = interpreter.state.get(value, Optimizer)
    if optimizer is not None:
        if optimizer.networks:
            train_each(interpreter, node, call, set(optimizer.networks), "step", others=optimizer.others)
        return
    box = interpreter.state.get(value, DictBox)
    items = (box.get(Constant("optimizer")) or NONE,) if box is not None else interpreter.items_of(value)[0]
    for item in items:
        _step(interpreter, item, node, call)
