"""Saving models, state dicts, and weights that come from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.effects.common import mark_adapters, names_in, receiver_network
from peftlint.semantics.effects.injection import replaced_while_merged
from peftlint.semantics.events import (
    AdapterNamed,
    FileRead,
    FilesChanged,
    FolderMade,
    Saved,
    StateDictTaken,
    StateDictUsed,
    WeightsPatched,
)
from peftlint.semantics.records import StateDict, Trainer, Wrapper
from peftlint.semantics.values import (
    NONE,
    BoundLibrary,
    Constant,
    Reference,
    Symbol,
    Value,
    parts_of,
    sources_of,
    truth,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def save_pretrained(interpreter: Interpreter, call: Call) -> Value:
    """save_pretrained / push_to_hub on a wrapper, on the network below it, or on `wrapper.base_model`."""
    return _save(interpreter, call, call.callee.rpartition(":")[2])


def _save(interpreter: Interpreter, call: Call, how: str) -> Value:
    wrapper = interpreter.state.get(call.receiver, Wrapper)
    through = "peft" if wrapper is not None else "network"
    if call.callee.startswith("tuner:"):
        through = "base_model"
    path = call.value("save_directory") or call.value("repo_id")
    interpreter.emit(
        Saved(
            **interpreter.about(call, call.receiver),
            how=how,
            through=through,
            path=path,
            spent=wrapper.spent if wrapper is not None else None,
        )
    )
    selected = call.value("selected_adapters")
    if selected is not None:
        names = names_in(interpreter, selected)
        if names is not None:
            interpreter.emit(
                AdapterNamed(
                    **interpreter.about(call, call.receiver), names=names, parameter="selected_adapters"
                )
            )
    state = call.value("state_dict")
    if isinstance(state, Reference) and interpreter.state.get(state, StateDict) is not None:
        interpreter.emit(
            StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=state.id)
        )
    return NONE


def save_trainer(interpreter: Interpreter, call: Call) -> Value:
    """trainer.save_model() / trainer.push_to_hub()."""
    trainer = interpreter.state.get(call.receiver, Trainer)
    if trainer is not None and trainer.network is not None:
        model = trainer.model
        wrapper = interpreter.state.get(model, Wrapper)
        interpreter.emit(
            Saved(
                **interpreter.about(call, model),
                how="trainer",
                through="peft" if wrapper else "network",
                path=call.value("output_dir"),
                spent=wrapper.spent if wrapper else None,
            )
        )
    return NONE


def torch_save(interpreter: Interpreter, call: Call) -> Value:
    value = call.value("obj")
    path = call.value("f")
    state = interpreter.state.get(value, StateDict)
    if state is not None and isinstance(value, Reference):
        interpreter.emit(
            StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=value.id)
        )
        interpreter.emit(
            Saved(
                node=call.node,
                syntax=interpreter.syntax,
                call=call,
                network=state.network,
                handle=None,
                how="torch.save",
                through=f"state_dict:{state.origin}",
                path=path,
            )
        )
    elif interpreter.network_id(value) is not None:
        interpreter.emit(
            Saved(**interpreter.about(call, value), how="torch.save", through="module", path=path)
        )
    return NONE


def save_config(interpreter: Interpreter, call: Call) -> Value:
    """`config.save_pretrained(folder)`: adapter_config.json alone."""
    interpreter.emit(
        Saved(
            node=call.node,
            syntax=interpreter.syntax,
            call=call,
            how="config",
            through="config",
            path=call.value("save_directory"),
        )
    )
    return NONE


def state_dict(interpreter: Interpreter, call: Call) -> Value:
    """model.state_dict(): a live view of the weights."""
    network = receiver_network(interpreter, call)
    record = interpreter.network(network) if network is not None else None
    reference = interpreter.make(
        StateDict("model", network=network, merged=record.merged if record else None)
    )
    event = interpreter.emit(
        StateDictTaken(**interpreter.about(call, call.receiver), identity=reference.id, origin="model")
    )
    interpreter.state.change(reference.id, created=event)
    return reference


def peft_state_dict(interpreter: Interpreter, call: Call) -> Value:
    """get_peft_model_state_dict(model, ...)."""
    model = call.value("model")
    reference = interpreter.make(StateDict("peft", network=interpreter.network_id(model)))
    event = interpreter.emit(
        StateDictTaken(**interpreter.about(call, model), identity=reference.id, origin="peft")
    )
    interpreter.state.change(reference.id, created=event)
    return reference


def read_file(interpreter: Interpreter, call: Call) -> Value:
    """torch.load(path), safetensors' load_file(path), load_peft_weights(path)."""
    path = call.value("path") or next(iter(call.extra), NONE)
    texts = " ".join(parts_of(path))
    adapter_file = "adapter_model" in texts or call.callee.endswith("load_peft_weights")
    event = FileRead(node=call.node, syntax=interpreter.syntax, call=call, path=path)
    interpreter.emit(event)
    return interpreter.make(
        StateDict("adapter file" if adapter_file else "unknown", created=event, path=path)
    )


def change_files(interpreter: Interpreter, call: Call) -> Value:
    """shutil.rmtree(path), os.rename(old, new) and the like."""
    paths = tuple(v for v in (*call.arguments.values(), *call.extra) if parts_of(v) or sources_of(v))
    interpreter.emit(FilesChanged(node=call.node, syntax=interpreter.syntax, call=call, paths=paths))
    return interpreter.fresh("changed")


def make_folder(interpreter: Interpreter, call: Call) -> Value:
    """`os.makedirs(path)`."""
    path = call.value("name") or call.value("path")
    if path is not None:
        interpreter.emit(FolderMade(node=call.node, syntax=interpreter.syntax, call=call, path=path))
    return NONE


def run_command(interpreter: Interpreter, call: Call) -> Value:
    """os.system(...), subprocess.run(...): may change any file."""
    interpreter.emit(FilesChanged(node=call.node, syntax=interpreter.syntax, call=call))
    return interpreter.fresh("completed")


def load_state_dict(interpreter: Interpreter, call: Call) -> Value:
    """model.load_state_dict(sd, strict=True)."""
    network = receiver_network(interpreter, call)
    given = call.value("state_dict")
    state = interpreter.state.get(given, StateDict)
    origin = state.origin if state is not None else "unknown"
    interpreter.emit(
        WeightsPatched(
            **interpreter.about(call, call.receiver),
            how="load_state_dict",
            strict=call.value("strict"),
            origin=origin,
            path=state.path if state is not None else None,
        )
    )
    if state is not None and isinstance(given, Reference):
        interpreter.emit(
            StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=given.id)
        )
    if network is not None and origin != "adapter file":
        mark_adapters(interpreter, network, None, origin="unknown", neutral=None, trained=None)
    return interpreter.fresh("load_result")


def set_peft_state_dict(interpreter: Interpreter, call: Call) -> Value:
    """set_peft_model_state_dict(model, sd, adapter_name): the weights of an adapter, from a file or elsewhere."""
    model = call.value("model")
    network = interpreter.network_id(model)
    given = call.value("peft_model_state_dict")
    state = interpreter.state.get(given, StateDict)
    interpreter.emit(
        WeightsPatched(
            **interpreter.about(call, model),
            how="set_peft_model_state_dict",
            origin=state.origin if state else "unknown",
            path=state.path if state else None,
        )
    )
    if network is not None:
        mark_adapters(interpreter, network, None, origin="loaded", neutral=None, trained=True)
        replaced_while_merged(interpreter, network, None)
        record = interpreter.network(network)
        assert record is not None
        interpreter.change_network(network, epoch=record.epoch + 1)
    return interpreter.fresh("load_result")


def patch_weights(interpreter: Interpreter, call: Call) -> Value:
    """A function that writes adapter weights by a method of its own (LoftQ, EVA)."""
    model = call.value("model")
    interpreter.emit(WeightsPatched(**interpreter.about(call, model), how=call.callee))
    network = interpreter.network_id(model)
    if network is not None:
        mark_adapters(interpreter, network, None, neutral=None)
    return NONE


def use_state_dict(interpreter: Interpreter, call: Call) -> Value:
    """Any use of a state dict's contents (`sd.items()`, `engine.load_weights(sd)`)."""
    if isinstance(call.receiver, Reference) and interpreter.state.get(call.receiver, StateDict) is not None:
        interpreter.emit(
            StateDictUsed(node=call.node, syntax=interpreter.syntax, call=call, identity=call.receiver.id)
        )
    return interpreter.derived("entries", call.receiver or NONE)


def copy_state_dict(interpreter: Interpreter, call: Call) -> Value:
    return use_state_dict(interpreter, call)


__all__ = ["BoundLibrary", "Constant", "Symbol", "truth"]
