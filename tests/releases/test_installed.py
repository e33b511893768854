"""The table agrees with the libraries that are installed, as far as their releases are known."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

import pytest

from peftlint.semantics.api import table as api
from peftlint.semantics.api.releases import PACKAGES, tabled_releases
from peftlint.semantics.api.signatures import ParameterKind

KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: ParameterKind.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: ParameterKind.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL: ParameterKind.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY: ParameterKind.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD: ParameterKind.VAR_KEYWORD,
}

FUNCTIONS = [
    *("peft.get_peft_model", "peft.inject_adapter_in_model", "peft.prepare_model_for_kbit_training"),
    *("peft.get_peft_model_state_dict", "peft.set_peft_model_state_dict", "peft.load_peft_weights"),
    *("peft.get_model_status", "peft.get_layer_status", "peft.replace_lora_weights_loftq"),
    *("peft.utils.hotswap.hotswap_adapter", "peft.helpers.rescale_adapter_scale", "transformers.set_seed"),
    "transformers.pipeline",
]

#: class -> members that are asked about; all of them if there are none
CLASSES: dict[str, list[str]] = {
    "peft.PeftModel": [],
    "peft.PeftModelForCausalLM": [],
    "peft.PeftMixedModel": [],
    "peft.LoraModel": [],
    "peft.PeftConfig": ["from_pretrained", "save_pretrained", "to_dict", "from_peft_type"],
    "transformers.PreTrainedModel": [
        *(
            "add_adapter",
            "load_adapter",
            "set_adapter",
            "disable_adapters",
            "enable_adapters",
            "active_adapters",
        ),
        *("delete_adapter", "from_pretrained", "save_pretrained", "resize_token_embeddings"),
        *("gradient_checkpointing_enable", "enable_input_require_grads"),
    ],
    "transformers.GenerationMixin": ["generate"],
    "transformers.Trainer": ["train", "evaluate", "predict", "save_model", "push_to_hub"],
    "transformers.DynamicCache": ["reset", "crop", "get_seq_length"],
    "transformers.BitsAndBytesConfig": [],
    "transformers.AutoModelForCausalLM": ["from_pretrained", "from_config"],
    "trl.SFTTrainer": [],
    "trl.DPOTrainer": [],
    "trl.GRPOTrainer": [],
    "diffusers.DiffusionPipeline": ["from_pretrained", "save_pretrained", "to"],
    "diffusers.loaders.PeftAdapterMixin": [],
    "diffusers.StableDiffusionPipeline": [
        *("load_lora_weights", "fuse_lora", "unfuse_lora", "unload_lora_weights", "set_adapters"),
        *("delete_adapters", "disable_lora", "enable_lora", "get_active_adapters", "enable_lora_hotswap"),
    ],
}

CONFIGS = [
    *("transformers.TrainingArguments", "transformers.Seq2SeqTrainingArguments"),
    *(
        "trl.SFTConfig",
        "trl.DPOConfig",
        "trl.GRPOConfig",
        "trl.KTOConfig",
        "trl.RewardConfig",
        "trl.RLOOConfig",
    ),
]


def _installed() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            release = version(package)
        except PackageNotFoundError:
            continue
        if release in tabled_releases(package):
            found[package] = release
    return found


INSTALLED = _installed()


def _library(symbol: str) -> ModuleType:
    package = symbol.partition(".")[0]
    if package not in INSTALLED:
        pytest.skip(f"no release of {package} that was read is installed")
    return pytest.importorskip(package)  # type: ignore[no-any-return]


def _object(symbol: str) -> Any:
    found: Any = _library(symbol)
    path = symbol.split(".")
    for index, name in enumerate(path[1:], 1):
        if not hasattr(found, name):
            importlib.import_module(".".join(path[: index + 1]))
        found = getattr(found, name)
    return found


def _assert_same(symbol: str, called: Any, drop_first: bool) -> None:
    # transformers' copy_func leaves a __wrapped__ that is bound already: cls would be dropped twice.
    follow = not inspect.ismethod(getattr(called, "__wrapped__", None))
    signature = inspect.signature(called, follow_wrapped=follow)
    parameters = list(signature.parameters.values())[int(drop_first) :]
    real = [(p.name, KINDS[p.kind], p.default is p.empty) for p in parameters]
    real = [
        (n, k, r and k not in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)) for n, k, r in real
    ]
    stored = api.signature(symbol, INSTALLED[symbol.partition(".")[0]], INSTALLED)
    assert stored is not None, symbol
    assert [(p.name, p.kind, p.required) for p in stored.parameters] == real, symbol


@pytest.mark.parametrize("symbol", FUNCTIONS)
def test_functions(symbol: str) -> None:
    _assert_same(symbol, _object(symbol), drop_first=False)


@pytest.mark.parametrize("symbol", CLASSES)
def test_classes(symbol: str) -> None:
    cls = _object(symbol)
    members = api.members(symbol, INSTALLED[symbol.partition(".")[0]])
    wanted = CLASSES[symbol] or [name for name, kind in members.items() if kind is not api.Kind.ATTRIBUTE]
    if not symbol.endswith(("AutoModelForCausalLM", "GenerationMixin", "Mixin", "Pipeline")):
        _assert_same(symbol, cls.__init__, drop_first=True)
    for name in wanted:
        found = inspect.getattr_static(cls, name)
        match members[name]:
            case api.Kind.PROPERTY:
                assert isinstance(found, property) or not callable(found), name
            case api.Kind.CLASSMETHOD | api.Kind.STATICMETHOD as kind:
                assert isinstance(found, classmethod if kind is api.Kind.CLASSMETHOD else staticmethod), name
                _assert_same(f"{symbol}.{name}", found.__func__, drop_first=kind is api.Kind.CLASSMETHOD)
            case _:
                _assert_same(f"{symbol}.{name}", found, drop_first=True)


@pytest.mark.parametrize("symbol", CONFIGS)
def test_config_classes(symbol: str) -> None:
    cls = _object(symbol)
    _assert_same(symbol, cls, drop_first=False)
    assert dataclasses.is_dataclass(cls)


def test_every_config_class_of_peft() -> None:
    peft = _library("peft")
    from peft.config import PeftConfigMixin

    checked = 0
    for name in dir(peft):
        cls = getattr(peft, name)
        if inspect.isclass(cls) and dataclasses.is_dataclass(cls) and issubclass(cls, PeftConfigMixin):
            _assert_same(f"peft.{name}", cls, drop_first=False)
            checked += 1
    assert checked > 20


def test_every_class_and_function_that_peft_exports_is_known() -> None:
    peft = _library("peft")
    exported = [n for n in peft.__all__ if callable(getattr(peft, n))]
    assert [n for n in exported if not api.exists(f"peft.{n}", INSTALLED["peft"])] == []
