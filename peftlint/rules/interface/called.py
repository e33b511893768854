"""Which function of the API table a call is a call of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from peftlint.rules.interface.receivers import is_library_model, is_own_class
from peftlint.rules.releases import some_releases
from peftlint.semantics.api.names import loads_languages
from peftlint.semantics.events import Event, FunctionCalled, MethodCalled
from peftlint.semantics.records import Pipeline

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: of peft's classes, configs are for PEFT211; constructors of models are seldom called
_FUNCTIONS = re.compile(r"peft\.([a-z]\w*|(PeftM|AutoPeft)\w*\.from_pretrained)")
_CONSTRUCTORS = re.compile(r"(transformers|trl)\.(\w+Trainer|Trainer|\w*TrainingArguments)|trl\.\w+Config")
#: methods of models and pipelines that are about adapters
_METHODS = frozenset(
    [
        "load_adapter",
        "add_adapter",
        "set_adapter",
        "delete_adapter",
        "disable_adapter",
        "disable_adapters",
        "enable_adapters",
        "merge_adapter",
        "unmerge_adapter",
        "merge_and_unload",
        "unload",
        "add_weighted_adapter",
        "get_base_model",
        "save_pretrained",
        "print_trainable_parameters",
        "load_lora_weights",
        "set_adapters",
        "delete_adapters",
        "unload_lora_weights",
        "fuse_lora",
        "unfuse_lora",
        "disable_lora",
        "enable_lora",
    ]
)
#: what a PeftModel passes on to its tuner: an argument is wrong if no tuner takes it
_TUNERS = ("peft.LoraModel", "peft.IA3Model", "peft.LoHaModel", "peft.OFTModel")
_PIPELINES = (
    "diffusers.StableDiffusionPipeline",
    "diffusers.StableDiffusionXLPipeline",
    "diffusers.FluxPipeline",
)
#: all that the **kwargs of transformers' load_adapter may hold since 5.0: the fields of LoadStateDictConfig. `local_files_only` has a
#: parameter of its own
_LOAD_STATE_DICT = frozenset(
    [
        "pretrained_model_name_or_path",
        "download_kwargs",
        "use_safetensors",
        "ignore_mismatched_sizes",
        "sharded_metadata",
        "device_map",
        "disk_offload_folder",
        "offload_buffers",
        "dtype",
        "dtype_plan",
        "hf_quantizer",
        "device_mesh",
        "weights_only",
        "weight_mapping",
        "disable_mmap",
    ]
)


def candidates(analysis: Analysis, event: Event) -> tuple[str, ...]:
    """The symbols that may be called; empty if the call is none that is looked at."""
    from peftlint.semantics.api import table

    match event:
        case FunctionCalled(callee=callee) if _FUNCTIONS.fullmatch(callee):
            return (callee,)
        case FunctionCalled(callee=callee) if _CONSTRUCTORS.fullmatch(callee):
            return (callee,) if _known(callee, some_releases(analysis, callee.partition(".")[0])) else ()
        case MethodCalled(method=method) if method in _METHODS and not is_own_class(analysis, event):
            owners: tuple[str, ...] = ()
            if event.kind == "peft":
                release = analysis.targets.peft.newest
                own = table.exists(f"peft.PeftModel.{method}", release)
                owners = ("peft.PeftModel",) if own else _TUNERS
            elif (
                event.kind == "transformers"
                and method != "save_pretrained"
                and is_library_model(analysis, event)
                and not (
                    method == "load_adapter" and event.before and loads_languages(event.before.class_name)
                )
            ):
                owners = ("transformers.PreTrainedModel",)
            elif event.kind == "pipeline":
                owners = _pipeline(analysis, event)
            symbols = [f"{owner}.{method}" for owner in owners]
            return tuple(s for s in symbols if _known(s, some_releases(analysis, s.partition(".")[0])))
    return ()


def _pipeline(analysis: Analysis, event: MethodCalled) -> tuple[str, ...]:
    """The pipeline's own class, if the table has it; else those of which all have to agree."""
    from peftlint.semantics.api import table

    assert event.call is not None
    record = analysis.interpreter.record_of(event.call.receiver)
    own = f"diffusers.{record.class_name}" if isinstance(record, Pipeline) else ""
    return (
        (own,)
        if own.endswith("Pipeline")
        and own != "diffusers.DiffusionPipeline"
        and table.members(own, analysis.targets.diffusers.newest)
        else _PIPELINES
    )


def _known(symbol: str, releases: list[str]) -> bool:
    from peftlint.semantics.api import table

    return all(table.exists(symbol, release) for release in releases)


def extra_keywords(analysis: Analysis, symbol: str) -> frozenset[str] | None:
    """What `**kwargs` may hold there, None for anything."""
    if symbol == "transformers.PreTrainedModel.load_adapter" and analysis.targets.transformers.every(">=5.0"):
        return _LOAD_STATE_DICT
    return None
