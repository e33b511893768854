"""Running models: forward passes, generation, KV caches, outputs, modes and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.api.names import CACHE_NAMES
from peftlint.semantics.effects.common import names_in, receiver_network
from peftlint.semantics.events import AdapterNamed, CacheCleared, CacheMade, ModeSet, StatusChecked, Used
from peftlint.semantics.records import Cache, Output, Pipeline
from peftlint.semantics.values import FALSE, NONE, Constant, Reference, Symbol, Value, sources_of, truth

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def forward(interpreter: Interpreter, call: Call) -> Value:
    return run(interpreter, call, "forward")


def generate(interpreter: Interpreter, call: Call) -> Value:
    return run(interpreter, call, "generate")


def run_method(interpreter: Interpreter, call: Call) -> Value:
    """A method that runs the model in some way (`model.chat(...)`)."""
    return run(interpreter, call, "method")


def run(interpreter: Interpreter, call: Call, how: str) -> Value:
    network = receiver_network(interpreter, call)
    if network is None:
        return interpreter.derived("output", call.receiver or NONE, *call.arguments.values(), *call.extra)
    record = interpreter.network(network)
    assert record is not None
    names = call.value("adapter_names") or call.unknown.get("adapter_names")
    if names is not None:
        chosen = names_in(interpreter, names)
        interpreter.emit(
            AdapterNamed(
                **interpreter.about(call, call.receiver), names=chosen or (), parameter="adapter_names"
            )
        )
    cache_id, cache_node = _cache_given(interpreter, call)
    cache = interpreter.state.get(cache_id, Cache) if cache_id is not None else None
    event = Used(
        **interpreter.about(call, call.receiver),
        how=how,
        cache=cache,
        cache_id=cache_id,
        cache_node=cache_node,
        inference=True if how != "forward" or interpreter.where.no_grad else None,
    )
    interpreter.emit(event)
    active = None if names is not None else record.effective()
    if record.enabled is False and record.merged is not False:
        # layers that are merged un-merge when they run disabled
        interpreter.change_network(network, merged=False, merged_adapters=())
    use_cache = call.value("use_cache") or call.unknown.get("use_cache")
    if cache_id is None and truth(use_cache) is not False:
        cache_id = interpreter.make(Cache(created=event)).id
    if cache_id is not None:
        interpreter.state.change(cache_id, network=network, active=active, epoch=record.epoch, filled=event)
    returns_dict = how != "generate" or truth(call.unknown.get("return_dict_in_generate")) is True
    output = interpreter.make(
        Output(
            network,
            event,
            active,
            cache=cache_id if returns_dict else None,
            generated=how == "generate",
            detached=how == "generate" or interpreter.where.no_grad,
            inputs=frozenset().union(
                *(
                    sources_of(value)
                    for value in (*call.arguments.values(), *call.unknown.values(), *call.extra)
                )
            ),
        )
    )
    event.output = output.id
    if how == "method":
        return Symbol(f"text:#{output.id}", frozenset({output.id}))
    return output


def _cache_given(interpreter: Interpreter, call: Call) -> tuple[int | None, cst.CSTNode | None]:
    for name in CACHE_NAMES:
        value = call.value(name) or call.unknown.get(name)
        if value is not None:
            return _cache_id(interpreter, value), call.nodes.get(name)
    return None, None


def _cache_id(interpreter: Interpreter, value: Value) -> int | None:
    if isinstance(value, Reference) and interpreter.state.get(value, Cache) is not None:
        return value.id
    return None


def make_cache(interpreter: Interpreter, call: Call) -> Value:
    """`DynamicCache()`, `StaticCache(...)`: empty."""
    reference = interpreter.make(Cache(class_name=call.callee.rpartition(".")[2]))
    event = interpreter.emit(
        CacheMade(node=call.node, syntax=interpreter.syntax, call=call, identity=reference.id)
    )
    interpreter.state.change(reference.id, created=event)
    return reference


def copy_cache(interpreter: Interpreter, call: Call) -> Value:
    """`DynamicCache.from_legacy_cache(past)`, `cache.to_legacy_cache()`: the same contents."""
    value = call.receiver if call.receiver is not None else next(iter(call.arguments.values()), None)
    record = interpreter.state.get(value, Cache)
    return interpreter.make(record) if record is not None else interpreter.fresh("cache")


def reset_cache(interpreter: Interpreter, call: Call) -> Value:
    """`cache.reset()`: right in the newest releases, wrong in some (peft-facts section 8)."""
    identity = call.receiver.id if isinstance(call.receiver, Reference) else None
    interpreter.emit(
        CacheCleared(node=call.node, syntax=interpreter.syntax, call=call, how="reset", identity=identity)
    )
    if identity is not None:
        static = interpreter.state.get(identity, Cache)
        assert static is not None
        wrong_reset = not static.class_name.startswith("Static") and interpreter.targets.transformers.some(
            ">=4.54,<5.20"
        )
        if not wrong_reset:
            interpreter.state.change(identity, network=None, active=None, filled=None, epoch=-1)
    return NONE


def crop_cache(interpreter: Interpreter, call: Call) -> Value:
    """`cache.crop(0)` empties up to transformers 5.14 and does nothing later; other lengths keep a prefix."""
    if call.value("max_length") == Constant(0) and interpreter.targets.transformers.every("<5.15"):
        return reset_cache(interpreter, call)
    return NONE


def set_mode(interpreter: Interpreter, call: Call) -> Value:
    """`model.train(mode=True)` and `model.eval()`."""
    network = receiver_network(interpreter, call)
    training: bool | None = False
    if call.callee.endswith(":train"):
        given = call.value("mode")
        training = True if given is None else truth(given)
    interpreter.emit(ModeSet(**interpreter.about(call, call.receiver), training=training))
    if network is not None:
        changes: dict[str, object] = {"training": training}
        if training is False:
            changes["dropout_on"] = None
        interpreter.change_network(network, **changes)
    return call.receiver or NONE


def same_object(interpreter: Interpreter, call: Call) -> Value:
    """Methods that return the object itself (`to`, `cuda`, `half` ...)."""
    del interpreter
    return call.receiver or NONE


def harmless(interpreter: Interpreter, call: Call) -> Value:
    """A call that changes nothing that is followed."""
    values = (*call.arguments.values(), *call.extra)
    if call.receiver is not None:
        values = (call.receiver, *values)
    return interpreter.derived(call.callee.rpartition(".")[2], *values)


def status(interpreter: Interpreter, call: Call) -> Value:
    """get_model_status() and the like: somebody looks."""
    model = call.receiver if call.receiver is not None else call.value("model")
    interpreter.emit(StatusChecked(**interpreter.about(call, model), how=call.callee))
    return interpreter.fresh("status")


def empty_device_cache(interpreter: Interpreter, call: Call) -> Value:
    interpreter.emit(CacheCleared(node=call.node, syntax=interpreter.syntax, call=call, how="device"))
    return NONE


def make_text_pipeline(interpreter: Interpreter, call: Call) -> Value:
    """`transformers.pipeline("text-generation", model=model)`."""
    network = interpreter.network_id(call.value("model"))
    return interpreter.make(Pipeline("text pipeline", network=network))


def run_text_pipeline(interpreter: Interpreter, call: Call) -> Value:
    pipeline = interpreter.state.get(call.receiver, Pipeline)
    if pipeline is None or pipeline.network is None:
        return interpreter.fresh("text:pipeline")
    record = interpreter.network(pipeline.network)
    assert record is not None
    about = interpreter.about(call, call.receiver)
    about["handle"] = None
    event = Used(**about, how="generate", inference=True)
    interpreter.emit(event)
    output = interpreter.make(
        Output(pipeline.network, event, record.effective(), generated=True, detached=True)
    )
    event.output = output.id
    return Symbol(f"text:#{output.id}", frozenset({output.id}))


def decode(interpreter: Interpreter, receiver: Value, call: Call) -> Value:
    """tokenizer.decode / batch_decode: text made from what was generated."""
    values = (*call.arguments.values(), *call.extra)
    sources = frozenset().union(*(sources_of(value) for value in values)) if values else frozenset()
    outputs = frozenset(s for s in sources if isinstance(interpreter.state.heap.get(s), Output))
    del receiver
    if outputs:
        return Symbol(f"text:{'.'.join(f'#{s}' for s in sorted(outputs))}", outputs)
    return interpreter.derived("text", *values)


__all__ = ["FALSE"]
