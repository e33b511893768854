"""Training: trainers, optimizers, backward passes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from peftlint.semantics.effects.common import (
    config_of,
    is_neutral,
    put_adapter,
)
from peftlint.semantics.effects.opaque import model_value
from peftlint.semantics.events import (
    LossHandedOut,
    OptimizerBuilt,
    Trained,
    TrainerBuilt,
    Used,
)
from peftlint.semantics.records import (
    Adapter,
    Config,
    DictBox,
    Instance,
    Network,
    Optimizer,
    Output,
    Trainer,
    Wrapper,
)
from peftlint.semantics.values import NONE, Constant, Reference, Sequence, Symbol, Value, parts_of, sources_of

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.events import Call, Event
    from peftlint.semantics.interpreter import Interpreter


def make_trainer(interpreter: Interpreter, call: Call) -> Value:
    """`Trainer(model, args, ...)`, `SFTTrainer(model, peft_config=...)` and their like."""
    model = call.value("model")
    if model is not None and interpreter.network_id(model) is None:
        model = model_value(interpreter, model) or model
    network = interpreter.network_id(model)
    peft_config = call.value("peft_config") or call.unknown.get("peft_config")
    record = interpreter.network(network) if network is not None else None
    wrapped: bool | None = isinstance(interpreter.state.record(model), Wrapper)
    if not wrapped and record is not None:
        wrapped = bool(record.wrappers)
    name = call.callee.rpartition(".")[2]
    trainer = interpreter.make(
        Trainer(name, None, model, network, tuple({**call.arguments, **call.unknown}.items()))
    )
    event = TrainerBuilt(
        **interpreter.about(call, model),
        identity=trainer.id,
        class_name=name,
        model=model,
        peft_config=peft_config,
        wrapped=wrapped,
    )
    interpreter.emit(event)
    interpreter.state.change(trainer.id, created=event)
    config, config_id = config_of(interpreter, peft_config)
    if network is not None and record is not None and peft_config is not None and peft_config != NONE:
        if wrapped or config is None:
            interpreter.forget([network])
        else:
            event.config, event.config_id = config, config_id
            adapter = Adapter(
                Constant("default"),
                "fresh",
                created=event,
                config=config_id,
                path=config.path,
                neutral=is_neutral(config),
                trained=False,
                trainable=True,
                activated=event,
            )
            put_adapter(interpreter, network, adapter, True)
            wrapper = interpreter.make(Wrapper(network, created=event, active=(adapter.name,)))
            interpreter.change_network(network, wrappers=(wrapper.id,), wrapped_by=event)
            interpreter.state.change(trainer.id, model=wrapper)
    return trainer


def train(interpreter: Interpreter, call: Call) -> Value:
    """trainer.train()."""
    trainer = interpreter.state.get(call.receiver, Trainer)
    network = trainer.network if trainer is not None else None
    identity = call.receiver.id if isinstance(call.receiver, Reference) else None
    about = interpreter.about(call, trainer.model if trainer is not None else None)
    about["network"] = network
    interpreter.emit(Trained(**about, how="trainer", trainer=identity))
    if network is not None:
        trained_now(interpreter, network)
    return interpreter.fresh("train_result")


def trained_now(interpreter: Interpreter, network: int, certain: bool = True) -> None:
    """The trainable active adapters have moved from where they were."""
    record = interpreter.network(network)
    if record is None:
        return
    value = True if certain else None
    running = certain and record.active is not None and record.enabled is True and record.merged is False

    def moved(adapter: Adapter) -> Adapter:
        may = record.active is None or adapter.name in record.active
        # its copies of whole modules run on where the adapter that is active has none of them
        beside = not may and _copies_modules(interpreter, adapter)
        if not (may or beside) or adapter.trainable is False:
            return adapter
        trained = adapter.trained or (True if running and adapter.trainable and not beside else None)
        return replace(adapter, trained=trained, neutral=None)

    interpreter.change_network(network, adapters=tuple(map(moved, record.adapters)), trained=value)


def _copies_modules(interpreter: Interpreter, adapter: Adapter) -> bool:
    """Is the adapter made with `modules_to_save`?"""
    config = interpreter.state.heap.get(adapter.config) if adapter.config is not None else None
    return isinstance(config, Config) and config.argument("modules_to_save") not in (None, NONE)


def evaluate(interpreter: Interpreter, call: Call) -> Value:
    """trainer.evaluate() / trainer.predict()."""
    trainer = interpreter.state.get(call.receiver, Trainer)
    if trainer is None or trainer.network is None:
        return interpreter.fresh("metrics")
    about = interpreter.about(call, trainer.model)
    about["network"] = trainer.network
    record = interpreter.network(trainer.network)
    assert record is not None
    event = Used(**about, how="method", inference=True)
    interpreter.emit(event)
    output = interpreter.make(Output(trainer.network, event, record.effective(), detached=True))
    event.output = output.id
    return interpreter.derived("metrics", output)


def trainer_model(interpreter: Interpreter, call: Call) -> Value:
    trainer = interpreter.state.get(call.receiver, Trainer)
    return trainer.model if trainer is not None and trainer.model is not None else interpreter.fresh("model")


def make_optimizer(interpreter: Interpreter, call: Call) -> Value:
    """`torch.optim.AdamW(model.parameters())`: holds the parameters that exist now."""
    given = call.value("params")
    if given is None:
        return interpreter.fresh("optimizer")
    networks = networks_behind(interpreter, given)
    others = _has_others(interpreter, given)
    optimizer = interpreter.make(Optimizer(None, tuple(sorted(networks)), others=others))
    first: OptimizerBuilt | None = None
    for network in sorted(networks) or [None]:  # type: ignore[list-item]
        event = OptimizerBuilt(
            node=call.node,
            syntax=interpreter.syntax,
            call=call,
            network=network,
            handle=network,
            identity=optimizer.id,
        )
        interpreter.emit(event)
        first = first or event
    interpreter.state.change(optimizer.id, created=first)
    return optimizer


def networks_behind(interpreter: Interpreter, value: Value) -> set[int]:
    """Networks whose parameters, outputs or losses the value is made from."""
    found = interpreter.networks_in(value)
    pending = list(sources_of(value))
    for item in _items(interpreter, value):
        found |= networks_behind(interpreter, item)
    while pending:
        identity = pending.pop()
        match interpreter.state.heap.get(identity):
            case Network():
                found.add(identity)
            case Wrapper(network=network):
                found.add(network)
            case Output(network=network, detached=detached, inputs=inputs):
                if not detached:
                    found.add(network)
                    pending.extend(inputs)
            case Instance(parent=int(parent)):
                found.add(parent)
    return found


#: a part of values that may hold, or be made by, parameters of no model that is followed
_OTHERS = "parameters of others"


def of_others(value: Symbol) -> Symbol:
    """The value, made by something that unknown code made of a model: layers of its own may have a part in it."""
    return replace(value, parts=value.parts | {_OTHERS})


def _has_others(interpreter: Interpreter, value: Value) -> bool:
    return _OTHERS in parts_of(value) or any(
        _has_others(interpreter, item) for item in _items(interpreter, value)
    )


def _items(interpreter: Interpreter, value: Value) -> tuple[Value, ...]:
    """What a list holds, or a group of an optimizer's (`{"params": [...], "lr": ...}`)."""
    box = interpreter.state.get(value, DictBox)
    if box is not None:
        return tuple(item for _, item in box.items)
    return () if isinstance(value, Constant) else interpreter.items_of(value)[0]


def backward(interpreter: Interpreter, receiver: Value, call: Call) -> Value:
    """`loss.backward()`, `accelerator.backward(loss)`."""
    losses = (receiver, *call.extra, *call.arguments.values())
    train_by_loss(interpreter, Sequence(losses), call.node, call)
    return NONE


def train_by_loss(interpreter: Interpreter, loss: Value, node: cst.CSTNode, call: Call | None) -> None:
    """Back-propagates the loss, or each in a sequence of them."""
    outputs = _outputs_behind(interpreter, loss)
    uses = tuple(outputs[key] for key in sorted(outputs))
    networks, others = networks_behind(interpreter, loss), _has_others(interpreter, loss)
    train_each(interpreter, node, call, networks, "backward", uses, others)


def _outputs_behind(interpreter: Interpreter, value: Value) -> dict[int, Event]:
    """The forward passes whose results, with gradients, the value is made from, by the id of the result."""
    found: dict[int, Event] = {}
    items, _ = interpreter.items_of(value)
    for item in items:
        found |= _outputs_behind(interpreter, item)
    for identity in sources_of(value):
        output = interpreter.state.get(identity, Output)
        if output is not None and not output.detached:
            found[identity] = output.created
    return found


#: functions of torch.nn.functional that give a loss, by the key of what they gave
_LOSS = re.compile(r"(?:\w*_loss|(?:binary_)?cross_entropy(?:_with_logits)?|kl_div)~")

#: text, numbers, and the choice of a token or class: no gradient comes back through them
_WITHOUT_GRADIENTS = re.compile(r"^text|\b(?:arg(?:max|min|sort)|decode|batch_decode|item|tolist|numpy)\b")


def hand_out_loss(interpreter: Interpreter, node: cst.CSTNode, value: Value) -> None:
    """What a function gives to a caller that is not seen: of a loss with gradients it is told of which passes it is made."""
    plain = isinstance(value, Constant) or (
        isinstance(value, Symbol) and _WITHOUT_GRADIENTS.search(value.key)
    )
    if not plain:
        interpreter.giving_out.add(interpreter.where.entry)
    if not isinstance(value, Symbol) or not _LOSS.match(value.key):
        return
    outputs = _outputs_behind(interpreter, value)
    for network in {event.network for event in outputs.values()}:
        uses = tuple(outputs[key] for key in sorted(outputs) if outputs[key].network == network)
        if len(uses) > 1:
            interpreter.emit(
                LossHandedOut(
                    node=node, syntax=interpreter.syntax, network=network, handle=network, uses=uses
                )
            )


def detach(interpreter: Interpreter, value: Symbol) -> Symbol:
    """The value without gradients (`logits.detach()`, `loss.item()`)."""
    sources: set[int] = set()
    for identity in value.sources:
        output = interpreter.state.get(identity, Output)
        if output is None or output.detached:
            sources.add(identity)
        else:
            sources.add(interpreter.make(replace(output, detached=True)).id)
    return replace(value, sources=frozenset(sources))


def optimizer_step(interpreter: Interpreter, call: Call) -> Value:
    optimizer = interpreter.state.get(call.receiver, Optimizer)
    networks = set(optimizer.networks) if optimizer is not None else set[int]()
    train_each(
        interpreter, call.node, call, networks, "step", others=optimizer is not None and optimizer.others
    )
    return NONE


def train_each(
    interpreter: Interpreter,
    node: cst.CSTNode,
    call: Call | None,
    networks: set[int],
    how: str,
    uses: tuple[Event, ...] = (),
    others: bool = False,
) -> None:
    """Trains the networks, and perhaps `others`, at `node`.

    No call trains them there: a library will, and what they are until then does not change.
    """

    def event(network: int | None) -> dict[str, Any]:
        return {
            "node": node,
            "syntax": interpreter.syntax,
            "call": call,
            "network": network,
            "handle": network,
        }

    if not networks:
        # somebody is trained, it is not known who: nobody is known to be untrained
        interpreter.emit(Trained(**event(None), how=how))
        for identity, _ in interpreter.state.all(Network) if call is not None else ():
            trained_now(interpreter, identity, certain=False)
        return
    for network in sorted(networks):
        mine = tuple(use for use in uses if use.network == network)
        interpreter.emit(
            Trained(**event(network), how=how, alone=len(networks) == 1 and not others, uses=mine)
        )
        if call is not None:
            trained_now(interpreter, network)
