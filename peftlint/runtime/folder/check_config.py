"""Checks of adapter_config.json by itself and against the names in the weights file."""

from __future__ import annotations

from collections.abc import Iterator

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import codes, relation_codes
from peftlint.runtime.folder.adapter import SAFETENSORS_NAME, TORCH_NAME, SavedAdapter
from peftlint.runtime.folder.fields import known_fields, nearest
from peftlint.runtime.folder.keys import Kind, is_below
from peftlint.runtime.folder.methods import BASE_CHANGING_INITS, KNOWN_TYPES, PROMPT_METHODS, TASK_TYPES

_HEADS = {
    "SEQ_CLS": ("classifier", "score"),
    "TOKEN_CLS": ("classifier", "score"),
    "QUESTION_ANS": ("qa_outputs",),
}
_RANKED = {
    "LORA": "r",
    "LOHA": "r",
    "LOKR": "r",
    "HIRA": "r",
    "DELORA": "r",
    "VERA": "r",
    "GRALORA": "r",
    "MISS": "r",
}


def check_config(adapter: SavedAdapter, target: str) -> Iterator[Diagnostic]:
    """What the config says that cannot be, or not be meant. `target` is the release of peft that loads it."""
    yield from _values(adapter)
    yield from _unknown_fields(adapter, target)
    yield from _formats(adapter)
    config = adapter.config
    path = str(config.path)
    if not config.values.get("base_model_name_or_path"):
        yield codes.BASE_UNNAMED.finding(
            "the adapter does not name its base model", path, config.span("base_model_name_or_path")
        )
    init = config.values.get("init_lora_weights")
    if config.method == "LORA" and isinstance(init, str) and init.startswith(BASE_CHANGING_INITS):
        yield codes.BASE_CHANGING_INIT.finding(
            f"initialised with {init!r}, which changes the base weights: it works only on an unmodified base",
            path, config.span("init_lora_weights"),
        )  # fmt: skip
    if isinstance(config.values.get("modules_to_save"), str):
        value = config.values["modules_to_save"]
        yield codes.MODULES_TO_SAVE_STRING.finding(
            f"modules_to_save is the text {value[:60]!r}, read letter by letter",
            path,
            config.span("modules_to_save"),
        )
    if adapter.tensors:
        yield from _modules_to_save(adapter)


def _values(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    config, path = adapter.config, str(adapter.config.path)

    def invalid(key: str, message: str) -> Diagnostic:
        return codes.CONFIG_VALUE.finding(message, path, config.span(key))

    if not config.method:
        yield invalid("peft_type", "adapter_config.json has no peft_type")
    elif config.method not in KNOWN_TYPES:
        yield invalid("peft_type", f"peft_type {config.values['peft_type']!r:.60} is no method of peft 0.21")
    task = config.values.get("task_type")
    if task is not None and str(task) not in TASK_TYPES:
        yield invalid("task_type", f"task_type {task!r:.60} is none of {', '.join(sorted(TASK_TYPES))}")
    rank = config.values.get(_RANKED.get(config.method, ""))
    if rank is not None and (type(rank) is not int or rank <= 0):
        yield invalid("r", f"the rank is {rank!r:.60}, and must be a positive integer")
    if config.method in ("LORA", "ADALORA"):
        bias = config.values.get("bias", "none")
        if bias not in ("none", "all", "lora_only"):
            yield invalid("bias", f"bias is {bias!r:.60}, and must be 'none', 'all' or 'lora_only'")
        if config.values.get("lora_alpha") == 0:
            yield codes.NO_SCALE.finding(
                "lora_alpha is 0: the adapter has no effect", path, config.span("lora_alpha")
            )
        for name, alpha in config.table("alpha_pattern").items():
            if alpha == 0:
                yield codes.NO_SCALE.finding(
                    f"alpha_pattern gives {name[:60]!r} 0: no effect there",
                    path,
                    config.span("alpha_pattern"),
                )


def _unknown_fields(adapter: SavedAdapter, target: str) -> Iterator[Diagnostic]:
    config = adapter.config
    known = known_fields(config.method, target)
    if not known:
        return
    for name in config.values:
        if name not in known:
            near = nearest(name, known)
            message = f"{name[:60]!r} is no field of a {config.method} config in peft {target}"
            yield codes.UNKNOWN_FIELD.finding(
                message + (f"; {near!r} is" if near else ""), str(config.path), config.span(name)
            )


def _formats(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    folder = adapter.folder
    if adapter.weights is None:
        yield codes.NO_WEIGHTS.finding(
            f"neither {SAFETENSORS_NAME} nor {TORCH_NAME} lies beside the config", str(adapter.config.path)
        )
        return
    safetensors, torch = folder / SAFETENSORS_NAME, folder / TORCH_NAME
    if safetensors.exists() and torch.exists():
        newer = torch.stat().st_mtime > safetensors.stat().st_mtime
        yield codes.BOTH_FORMATS.finding(
            f"{SAFETENSORS_NAME} is loaded and {TORCH_NAME} ignored"
            + (", though the .bin is newer" if newer else ""),
            str(safetensors),
        )
    full = next(
        (
            name
            for name in ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
            if (folder / name).exists()
        ),
        None,
    )
    if full and (folder / "config.json").exists():
        yield relation_codes.FULL_MODEL_BESIDE.finding(
            f"{full} and an adapter lie in the same folder", str(folder / full)
        )


def _modules_to_save(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    config = adapter.config
    if config.method in PROMPT_METHODS:
        return
    present = {key.module for key in adapter.keys if key.kind is not Kind.ADAPTER}
    names = config.names("modules_to_save")
    heads = _HEADS.get(str(config.values.get("task_type")), ())
    missing = [
        name for name in names if name not in heads and not any(is_below(module, name) for module in present)
    ]
    head_missing = heads and not any(is_below(module, name) for module in present for name in heads)
    if head_missing and not (set(names) - set(heads)):
        missing.append(" or ".join(heads))
    for name in missing:
        yield codes.MODULES_TO_SAVE_MISSING.finding(
            f"{name[:60]!r} is to be saved with the adapter, and the file has no tensor of it",
            str(config.path), config.span("modules_to_save" if names else "task_type"),
        )  # fmt: skip


def check_without_head(adapter: SavedAdapter, base_config: dict[str, object]) -> Iterator[Diagnostic]:
    """The base is a model with a head for a task, and the adapter says nothing of it."""
    config = adapter.config
    architectures = base_config.get("architectures")
    name = str(architectures[0]) if isinstance(architectures, list) and architectures else ""
    tasks = {
        "ForSequenceClassification": "SEQ_CLS",
        "ForTokenClassification": "TOKEN_CLS",
        "ForQuestionAnswering": "QUESTION_ANS",
    }
    wanted = next((task for ending, task in tasks.items() if name.endswith(ending)), None)
    if wanted and str(config.values.get("task_type")) not in _HEADS and not config.names("modules_to_save"):
        yield relation_codes.HEAD_NOT_SAVED.finding(
            f"the base is {name[:60]}, but task_type is {config.values.get('task_type')!r:.40}: its head is "
            "not saved",
            str(config.path), config.span("task_type"), f'set task_type="{wanted}" before training',
        )  # fmt: skip
