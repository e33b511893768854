"""Which library call has which effect: the one place to add a function (one line).

Parameters are those of the newest release in order; a call is bound to them by position and name. Where releases
differ in something that matters, the effect asks the target releases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from peftlint.semantics import constants
from peftlint.semantics.effects import adapters as a
from peftlint.semantics.effects import containers as c
from peftlint.semantics.effects import diffusion as d
from peftlint.semantics.effects import lightning as li
from peftlint.semantics.effects import loading as lo
from peftlint.semantics.effects import managers as m
from peftlint.semantics.effects import merging as me
from peftlint.semantics.effects import opaque as o
from peftlint.semantics.effects import plain as p
from peftlint.semantics.effects import preparing as pr
from peftlint.semantics.effects import saving as s
from peftlint.semantics.effects import switching as sw
from peftlint.semantics.effects import training as t
from peftlint.semantics.effects import using as u
from peftlint.semantics.effects.assignments import attribute_assigned, item_assigned
from peftlint.semantics.effects.builtin import builtin
from peftlint.semantics.effects.managers import enter_context
from peftlint.semantics.effects.unknown import other_method, unknown_function, unknown_library, unknown_method
from peftlint.semantics.values import NONE, Reference, Value

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter
    from peftlint.semantics.values import Class

    Effect = Callable[[Interpreter, Call], Value]


@dataclass(frozen=True)
class Entry:
    effect: Effect
    parameters: tuple[str, ...]


def _entry(effect: Effect, parameters: str = "") -> Entry:
    return Entry(effect, tuple(parameters.split()))


_PRETRAINED = "pretrained_model_name_or_path"
_TRAINER = "model args data_collator train_dataset eval_dataset processing_class"
_SAVE = "save_directory safe_serialization selected_adapters save_embedding_layers is_main_process state_dict"
_FORWARD = "input_ids attention_mask"

FUNCTIONS: dict[str, Entry] = {
    "peft.get_peft_model": _entry(
        lo.wrap_with_config,
        "model peft_config adapter_name mixed autocast_adapter_dtype revision low_cpu_mem_usage",
    ),
    "peft.create_arrow_model": _entry(
        o.arrow_model, "base_model task_specific_adapter_paths arrow_config general_adapter_paths"
    ),
    "peft.inject_adapter_in_model": _entry(
        lo.inject, "peft_config model adapter_name low_cpu_mem_usage state_dict"
    ),
    "peft.prepare_model_for_kbit_training": _entry(pr.prepare_kbit, "model use_gradient_checkpointing"),
    "peft.prepare_model_for_int8_training": _entry(pr.prepare_kbit, "model use_gradient_checkpointing"),
    "peft.prepare_model_for_training": _entry(pr.prepare_kbit, "model"),
    "peft.get_peft_model_state_dict": _entry(s.peft_state_dict, "model state_dict adapter_name"),
    "peft.set_peft_model_state_dict": _entry(
        s.set_peft_state_dict, "model peft_model_state_dict adapter_name"
    ),
    "peft.load_peft_weights": _entry(s.read_file, "path device"),
    "peft.get_model_status": _entry(u.status, "model"),
    "peft.get_layer_status": _entry(u.status, "model"),
    "peft.rescale_adapter_scale": _entry(sw.rescale, "model multiplier"),
    "peft.hotswap_adapter": _entry(a.hotswap, "model model_name_or_path adapter_name"),
    "peft.replace_lora_weights_loftq": _entry(s.patch_weights, "model"),
    "peft.initialize_lora_eva_weights": _entry(s.patch_weights, "model"),
    "peft.get_peft_config": _entry(lo.some_config, "config_dict"),
    "adapters.init": _entry(lo.leave_peft, "model"),
    "safetensors.load_file": _entry(s.read_file, "path device"),
    "safetensors.torch.load_file": _entry(s.read_file, "path device"),
    "safetensors.safe_open": _entry(s.read_file, "path framework device"),
    "torch.load": _entry(s.read_file, "path map_location"),
    "torch.save": _entry(s.torch_save, "obj f"),
    "safetensors.save_file": _entry(s.torch_save, "obj f"),
    "safetensors.torch.save_file": _entry(s.torch_save, "obj f"),
    **{
        name: _entry(s.change_files, "path target")
        for name in [
            "shutil.rmtree",
            "shutil.move",
            "shutil.copy",
            "shutil.copy2",
            "shutil.copyfile",
            "shutil.copytree",
            "os.remove",
            "os.unlink",
            "os.rename",
            "os.replace",
        ]
    },
    "os.makedirs": _entry(s.make_folder, "name"),
    "os.mkdir": _entry(s.make_folder, "path"),
    **{
        name: _entry(s.run_command, "command")
        for name in [
            "os.system",
            "subprocess.run",
            "subprocess.call",
            "subprocess.check_call",
            "subprocess.check_output",
            "subprocess.Popen",
        ]
    },
    "torch.compile": _entry(pr.compile_model, "model"),
    "torch.nn.DataParallel": _entry(pr.parallelise, "module"),
    "torch.nn.parallel.DataParallel": _entry(pr.parallelise, "module"),
    "torch.nn.parallel.DistributedDataParallel": _entry(pr.parallelise, "module"),
    "torch.distributed.fsdp.FullyShardedDataParallel": _entry(pr.parallelise, "module"),
    "torch.cuda.empty_cache": _entry(u.empty_device_cache),
    "asyncio.to_thread": _entry(p.call_elsewhere),
    "threading.Thread": _entry(p.make_thread, "group target name args kwargs"),
    "asyncio.run": _entry(p.first_argument),
    "torch.no_grad": _entry(m.grad_off),
    "torch.inference_mode": _entry(m.grad_off),
    "copy.deepcopy": _entry(lo.deep_copy, "x"),
    "copy.copy": _entry(lo.deep_copy, "x"),
    **{
        name: _entry(
            p.record_field, "default" if name in ("pydantic.Field", "attr.ib", "attr.attrib") else ""
        )
        for name in ("dataclasses.field", "attr.ib", "attr.attrib", "attrs.field", "pydantic.Field")
    },
    **{name: _entry(p.as_dict) for name in ("dataclasses.asdict", "attrs.asdict", "attr.asdict")},
    "dataclasses.replace": _entry(p.replace_config),
    "functools.partial": _entry(p.make_partial),
    "os.path.join": _entry(p.join_path),
    "pathlib.Path": _entry(p.make_path),
    "pathlib.PurePath": _entry(p.make_path),
    "huggingface_hub.hf_hub_download": _entry(p.downloaded, "repo_id filename"),
    "huggingface_hub.snapshot_download": _entry(p.downloaded, "repo_id"),
    "sys.exit": _entry(m.leave),
    "os._exit": _entry(m.leave),
    "pytest.raises": _entry(m.expect_failure),
    "pytest.warns": _entry(m.expect_failure),
    "transformers.pipeline": _entry(u.make_text_pipeline, "task model"),
    "transformers.TextGenerationPipeline": _entry(u.make_text_pipeline, "model"),
    "transformers.DynamicCache": _entry(u.make_cache),
    "transformers.StaticCache": _entry(u.make_cache),
    "transformers.DynamicCache.from_legacy_cache": _entry(u.copy_cache, "past_key_values"),
    "accelerate.dispatch_model": _entry(pr.unwrap, "model"),
    "unsloth.FastLanguageModel.from_pretrained": _entry(lo.load_unsloth, "model_name"),
    "unsloth.FastModel.from_pretrained": _entry(lo.load_unsloth, "model_name"),
    "unsloth.FastVisionModel.from_pretrained": _entry(lo.load_unsloth, "model_name"),
    "unsloth.FastLanguageModel.get_peft_model": _entry(lo.wrap_unsloth, "model"),
    "unsloth.FastModel.get_peft_model": _entry(lo.wrap_unsloth, "model"),
    "unsloth.FastVisionModel.get_peft_model": _entry(lo.wrap_unsloth, "model"),
    "unsloth.FastLanguageModel.for_inference": _entry(pr.unwrap, "model"),
    "unsloth.FastLanguageModel.for_training": _entry(pr.unwrap, "model"),
    "unsloth.FastModel.for_inference": _entry(pr.unwrap, "model"),
    "unsloth.FastVisionModel.for_inference": _entry(pr.unwrap, "model"),
}

#: families of classes, tried in order when a name is not in FUNCTIONS
PATTERNS: tuple[tuple[re.Pattern[str], Entry], ...] = tuple(
    (re.compile(pattern), entry)
    for pattern, entry in (
        (
            r"peft\.(PeftModel\w*|PeftMixedModel)\.from_pretrained",
            _entry(lo.wrap_with_checkpoint, "model model_id adapter_name is_trainable config"),
        ),
        (
            r"peft\.(PeftModel\w*|PeftMixedModel)",
            _entry(lo.wrap_with_config, "model peft_config adapter_name"),
        ),
        (
            r"peft\.AutoPeftModel\w*\.from_pretrained",
            _entry(lo.load_auto_peft, f"{_PRETRAINED} adapter_name is_trainable"),
        ),
        (r"peft\.\w*Config\.from_(pretrained|json_file)", _entry(lo.read_config, _PRETRAINED)),
        (r"peft\.\w*Config(\.from_peft_type)?", _entry(lo.make_config)),
        (
            r"transformers\.(?!\w*(Tokenizer|Processor|Config|Extractor|Criteria|Streamer|Collator\w*|Cache)\.)"
            r"[A-Z]\w*\.from_pretrained",
            _entry(lo.load_model, _PRETRAINED),
        ),
        (r"transformers\.AutoModel\w*\.from_config", _entry(lo.make_model, "config")),
        (
            r"transformers\.(?!DataCollator)[A-Z]\w*(Model|For[A-Z]\w+|LMHeadModel)",
            _entry(lo.make_model, "config"),
        ),
        (
            r"diffusers\.\w*Pipeline\w*\.(from_pretrained|from_single_file|from_pipe)",
            _entry(lo.load_pipeline, _PRETRAINED),
        ),
        (r"diffusers\.AutoPipeline\w*\.from_\w+", _entry(lo.load_pipeline, _PRETRAINED)),
        (
            r"diffusers\.\w*(Model|Transformer\w*|AutoencoderKL\w*)\.from_pretrained",
            _entry(lo.load_model, _PRETRAINED),
        ),
        (r"diffusers\.(UNet\w*|\w*Transformer\w*Model|AutoencoderKL\w*)", _entry(lo.make_model, "config")),
        (r"adapters\.\w*AdapterModel\.from_pretrained", _entry(lo.load_adapterhub, _PRETRAINED)),
        (r"sentence_transformers\.(SentenceTransformer|CrossEncoder)", _entry(lo.load_model, _PRETRAINED)),
        (r"transformers\.(\w*Trainer)", _entry(t.make_trainer, _TRAINER)),
        (
            r"trl\.(?:DPO|CPO|ORPO|KTO|BCO|XPO|OnlineDPO|NashMD)Trainer",
            _entry(t.make_trainer, "model ref_model args"),
        ),
        (r"trl\.(?:GRPO|RLOO)Trainer", _entry(t.make_trainer, "model reward_funcs args")),
        (r"trl\.\w*Trainer", _entry(t.make_trainer, "model args data_collator train_dataset")),
        (
            r"(torch\.optim\.[A-Z]\w*|torch\.optim\.(?!lr_scheduler|swa_utils)\w+\.[A-Z]\w*|bitsandbytes\.(?:Paged)?(?:Ad[a-zE]\w*|LAMB\w*|LARS\w*|Lion\w*|RMSprop\w*|SGD\w*)|transformers\.(AdamW|Adafactor)"
            r"|apex\.optimizers\.\w+|lion_pytorch\.Lion|torch_optimizer\.\w+)",
            _entry(t.make_optimizer, "params"),
        ),
    )
)

METHODS: dict[tuple[str, str], Entry] = {
    # PeftModel
    ("peft", "add_adapter"): _entry(
        a.add_adapter, "adapter_name peft_config low_cpu_mem_usage autocast_adapter_dtype"
    ),
    ("peft", "load_adapter"): _entry(a.load_adapter, "model_id adapter_name is_trainable torch_device"),
    ("peft", "set_adapter"): _entry(sw.set_adapter, "adapter_name inference_mode"),
    ("peft", "delete_adapter"): _entry(me.delete_adapter, "adapter_name"),
    ("peft", "add_weighted_adapter"): _entry(a.combine, "adapters weights adapter_name combination_type"),
    ("peft", "disable_adapter"): _entry(sw.disable_adapter),
    ("peft", "disable_adapter_layers"): _entry(sw.disable_layers),
    ("peft", "enable_adapter_layers"): _entry(sw.enable_layers),
    ("peft", "merge_and_unload"): _entry(me.merge_and_unload, "progressbar safe_merge adapter_names"),
    ("peft", "unload"): _entry(me.unload),
    ("peft", "merge_adapter"): _entry(me.merge_adapter, "adapter_names safe_merge"),
    ("peft", "unmerge_adapter"): _entry(me.unmerge_adapter),
    ("peft", "get_base_model"): _entry(me.get_base_model),
    ("peft", "set_requires_grad"): _entry(sw.set_requires_grad, "adapter_names requires_grad"),
    ("peft", "save_pretrained"): _entry(s.save_pretrained, _SAVE),
    ("peft", "push_to_hub"): _entry(s.save_pretrained, "repo_id"),
    ("peft", "print_trainable_parameters"): _entry(u.status),
    ("peft", "get_model_status"): _entry(u.status),
    ("peft", "get_layer_status"): _entry(u.status),
    # the tuner below a PeftModel: `model.base_model`
    ("tuner", "set_adapter"): _entry(sw.set_adapter, "adapter_name inference_mode"),
    ("tuner", "disable_adapter_layers"): _entry(sw.disable_layers),
    ("tuner", "enable_adapter_layers"): _entry(sw.enable_layers),
    ("tuner", "merge_and_unload"): _entry(me.merge_and_unload, "progressbar safe_merge adapter_names"),
    ("tuner", "unload"): _entry(me.unload),
    ("tuner", "merge_adapter"): _entry(me.merge_adapter, "adapter_names safe_merge"),
    ("tuner", "unmerge_adapter"): _entry(me.unmerge_adapter),
    ("tuner", "add_weighted_adapter"): _entry(a.combine, "adapters weights adapter_name combination_type"),
    ("tuner", "delete_adapter"): _entry(me.delete_adapter, "adapter_name"),
    # transformers' own adapter methods
    ("transformers", "add_adapter"): _entry(a.add_adapter, "adapter_config adapter_name"),
    ("transformers", "load_adapter"): _entry(a.load_adapter, "peft_model_id adapter_name"),
    ("transformers", "set_adapter"): _entry(sw.set_adapter, "adapter_name"),
    ("transformers", "delete_adapter"): _entry(me.delete_adapter, "adapter_names"),
    ("transformers", "disable_adapters"): _entry(sw.disable_layers),
    ("transformers", "enable_adapters"): _entry(sw.enable_layers),
    # diffusers models
    ("diffusers", "add_adapter"): _entry(a.add_adapter, "adapter_config adapter_name"),
    ("diffusers", "load_lora_adapter"): _entry(a.load_adapter, "peft_model_id prefix"),
    ("diffusers", "set_adapter"): _entry(sw.set_adapter, "adapter_name"),
    ("diffusers", "set_adapters"): _entry(sw.set_adapter, "adapter_names weights"),
    ("diffusers", "delete_adapters"): _entry(me.delete_adapter, "adapter_names"),
    ("diffusers", "disable_adapters"): _entry(sw.disable_layers),
    ("diffusers", "enable_adapters"): _entry(sw.enable_layers),
    ("diffusers", "disable_lora"): _entry(sw.disable_layers),
    ("diffusers", "enable_lora"): _entry(sw.enable_layers),
    # any torch model
    ("model", "__call__"): _entry(u.forward, _FORWARD),
    ("model", "forward"): _entry(u.forward, _FORWARD),
    ("model", "generate"): _entry(u.generate, "inputs generation_config"),
    ("model", "chat"): _entry(u.run_method),
    ("model", "stream_chat"): _entry(u.run_method),
    ("model", "predict"): _entry(u.run_method),
    ("model", "train"): _entry(u.set_mode, "mode"),
    ("model", "eval"): _entry(u.set_mode),
    ("model", "save_pretrained"): _entry(s.save_pretrained, "save_directory is_main_process state_dict"),
    ("model", "push_to_hub"): _entry(s.save_pretrained, "repo_id"),
    ("model", "state_dict"): _entry(s.state_dict),
    ("model", "load_state_dict"): _entry(s.load_state_dict, "state_dict strict"),
    ("model", "dequantize"): _entry(pr.dequantise),
    ("model", "gradient_checkpointing_enable"): _entry(
        pr.enable_checkpointing, "gradient_checkpointing_kwargs"
    ),
    ("model", "activation_checkpointing_enable"): _entry(
        pr.enable_checkpointing, "gradient_checkpointing_kwargs"
    ),
    ("model", "gradient_checkpointing_disable"): _entry(pr.disable_checkpointing),
    ("model", "enable_input_require_grads"): _entry(pr.enable_input_grads),
    ("model", "resize_token_embeddings"): _entry(pr.resize_tokens, "new_num_tokens"),
    ("model", "requires_grad_"): _entry(pr.requires_grad, "requires_grad"),
    **{
        ("model", name): _entry(u.same_object)
        for name in [
            "to",
            "cuda",
            "cpu",
            "half",
            "float",
            "bfloat16",
            "double",
            "xpu",
            "npu",
            "to_bettertransformer",
        ]
    },
    # caches, optimizers, trainers, state dicts
    ("cache", "reset"): _entry(u.reset_cache),
    ("cache", "crop"): _entry(u.crop_cache, "max_length"),
    ("cache", "to_legacy_cache"): _entry(u.copy_cache),
    ("optimizer", "step"): _entry(t.optimizer_step),
    ("trainer", "train"): _entry(t.train, "resume_from_checkpoint"),
    **{(name, "fit"): _entry(li.fit, "model") for name in li.TRAINERS},
    ("trainer", "evaluate"): _entry(t.evaluate),
    ("trainer", "predict"): _entry(t.evaluate),
    ("trainer", "save_model"): _entry(s.save_trainer, "output_dir"),
    ("trainer", "push_to_hub"): _entry(s.save_trainer),
    ("text pipeline", "__call__"): _entry(u.run_text_pipeline),
    # diffusers pipelines
    ("pipeline", "load_lora_weights"): _entry(
        d.load_lora, "pretrained_model_name_or_path_or_dict adapter_name hotswap"
    ),
    ("pipeline", "load_lora_into_unet"): _entry(c.append),
    ("pipeline", "set_adapters"): _entry(d.set_adapters, "adapter_names adapter_weights"),
    ("pipeline", "fuse_lora"): _entry(d.fuse, "components lora_scale safe_fusing adapter_names"),
    ("pipeline", "unfuse_lora"): _entry(d.unfuse, "components"),
    ("pipeline", "unload_lora_weights"): _entry(d.unload),
    ("pipeline", "disable_lora"): _entry(d.disable),
    ("pipeline", "enable_lora"): _entry(d.enable),
    ("pipeline", "delete_adapters"): _entry(d.delete, "adapter_names"),
    ("pipeline", "__call__"): _entry(d.use),
    ("pipeline", "to"): _entry(u.same_object),
    # containers and text
    ("list", "append"): _entry(c.append),
    ("list", "extend"): _entry(c.extend),
    **{
        ("list", name): _entry(c.change_container)
        for name in ["pop", "insert", "remove", "clear", "sort", "reverse"]
    },
    ("dict", "get"): _entry(c.dict_get),
    ("dict", "items"): _entry(c.dict_items),
    ("dict", "keys"): _entry(c.dict_keys),
    ("dict", "values"): _entry(c.dict_values),
    ("dict", "update"): _entry(c.dict_update),
    ("dict", "pop"): _entry(c.dict_pop),
    ("dict", "setdefault"): _entry(c.dict_setdefault),
    **{("dict", name): _entry(c.change_container) for name in ["clear", "popitem"]},
    **{("str", name): _entry(c.text_method) for name in [*constants.METHODS, "format", "join"]},
    ("config", "save_pretrained"): _entry(s.save_config, "save_directory"),
    ("config", "to_dict"): _entry(u.harmless),
    ("context", "__enter__"): _entry(u.harmless),
    ("context", "__exit__"): _entry(u.harmless),
}
for _name in ("set_adapter", "load_adapter", "add_adapter"):
    METHODS["mixed", _name] = METHODS["peft", _name]

#: packages whose calls the signature rules want to see
_WATCHED = ("peft.", "transformers.", "trl.", "diffusers.")


@lru_cache(maxsize=4096)
def function(name: str) -> Entry | None:
    """The entry of a library function or class by its canonical name."""
    entry = FUNCTIONS.get(name)
    if entry is not None:
        return entry
    for pattern, found in PATTERNS:
        if pattern.fullmatch(name):
            return found
    return None


def factory(kind: str) -> Entry:
    """The entry of a function that the settings declare to make models of this kind."""
    return _entry(lo.load_declared_peft if kind == "peft" else lo.load_model, _PRETRAINED)


def method(kind: str, name: str) -> Entry | None:
    """The entry of a method of a kind of object; library classes of the program's objects count by their methods."""
    entry = METHODS.get((kind, name))
    if entry is None and "." in kind:
        return METHODS.get(("trainer", name)) if kind.endswith("Trainer") else None
    return entry


def is_trainer(name: str) -> bool:
    """Is the library class a trainer?"""
    entry = function(name)
    return entry is not None and entry.effect is t.make_trainer


def watched(name: str) -> bool:
    return name.startswith(_WATCHED)


def adopt_library_bases(interpreter: Interpreter, cls: Class, instance: Reference, call: Call) -> None:
    """An object of a class derived from a library's model class is such a model."""
    from peftlint.semantics.records import Network

    for base in cls.library_bases():
        last = base.rpartition(".")[2]
        if (
            base.startswith("transformers.") and last.endswith(("Model", "PreTrainedModel"))
        ) or "For" in last:
            if base.startswith(("transformers.", "peft.")):
                network = interpreter.make(Network("transformers", class_name=cls.name))
                interpreter.state.change(instance.id, parent=network.id)
                return
    del call


__all__ = [
    "NONE",
    "attribute_assigned",
    "builtin",
    "enter_context",
    "item_assigned",
    "other_method",
    "unknown_function",
    "unknown_library",
    "unknown_method",
]
