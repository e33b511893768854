"""Canonical names of library objects: where a class is re-exported does not matter to what it does."""

from __future__ import annotations

import re
from functools import lru_cache

#: libraries whose classes and functions are known by package and last name alone
FLAT = frozenset(
    {"peft", "transformers", "diffusers", "trl", "accelerate", "unsloth", "safetensors", "bitsandbytes"}
)

#: argument of a forward pass and field of its output that hold the KV cache. transformers 5.24.0 renamed it
#: (`deprecate_kwarg("past_key_values", "5.40.0", new_name="cache")` in modeling_llama.py, ModelOutput.past_key_values in
#: utils/generic.py gives `cache`); the old name still works there.
CACHE_NAMES = ("past_key_values", "cache")

#: models whose `load_adapter` is one of their own: it loads the weights of a language (`Wav2Vec2PreTrainedModel.load_adapter(
#: target_lang)`, transformers 4.30 to 5.24), over those of the language before. What AutoModelForCTC gives may be one
_OF_LANGUAGES = re.compile(r"AutoModelForCTC|Wav2Vec2(PreTrained)?Model|Wav2Vec2For\w+")

#: lower-case names below these packages that are modules, not functions
_MODULES = frozenset(
    [
        "utils",
        "tuners",
        "lora",
        "mapping",
        "mapping_func",
        "peft_model",
        "other",
        "save_and_load",
        "config",
        "helpers",
        "import_utils",
        "hotswap",
        "auto",
        "mixed_model",
        "optimizers",
        "integrations",
        "loaders",
        "trainer",
        "trainer_utils",
        "modeling_utils",
        "cache_utils",
        "generation",
        "models",
        "pipelines",
        "training_args",
        "torch",
        "peft_model",
        "merge_utils",
        "constants",
        "core",
        "experimental",
        "callbacks",
        "data_utils",
        "functional",
        "schedulers",
        "modeling_outputs",
        "tokenization_utils",
        "configuration_utils",
        "state",
        "hooks",
        "big_modeling",
        "quantizers",
        "nn",
        "optim",
        "image_processing_utils",
        "dora",
        "layer",
        "eva",
        "corda",
    ]
)


#: names that adapter-transformers, a fork of transformers under the same name, put into it (until 2023; AdapterHub's
#: `adapters` took its place). Its models have methods of the names of PEFT's, which take other arguments
_OF_A_FORK = re.compile(
    r"^[ \t]*from transformers(\.adapters)?[\w.]* import (\([^)]*|[^\n(]*)"
    r"\b(AutoAdapterModel|AdapterTrainer|AdapterArguments|AdapterConfig|\w+AdapterModel)\b"
    # these nothing else has
    r"|\b(AutoModelWithHeads|AdapterType)\b",
    re.MULTILINE,
)


@lru_cache(maxsize=16)
def is_of_a_fork(code: str) -> bool:
    """Does the program import from `transformers` what only adapter-transformers has there?"""
    return "Adapter" in code and "transformers" in code and _OF_A_FORK.search(code) is not None


def loads_languages(class_name: str) -> bool:
    """Is `load_adapter` of that class of transformers another than PEFT's?"""
    return _OF_LANGUAGES.fullmatch(class_name) is not None


@lru_cache(maxsize=4096)
def canonical(dotted: str) -> str:
    """ "peft.tuners.lora.LoraConfig" -> "peft.LoraConfig"; "transformers.cache_utils.DynamicCache" likewise."""
    parts = dotted.split(".")
    if parts[0] not in FLAT or len(parts) <= 2:
        return dotted
    for index, part in enumerate(parts[1:], start=1):
        if part[:1].isupper() or part == "__version__":
            return ".".join([parts[0], *parts[index:]])
    if parts[-1] in _MODULES:
        return dotted
    return f"{parts[0]}.{parts[-1]}"


def package(name: str) -> str:
    return name.partition(".")[0]


def class_part(name: str) -> str:
    """The class of "transformers.LlamaForCausalLM.from_pretrained": "LlamaForCausalLM" ("" if there is none)."""
    for part in name.split(".")[1:]:
        if part[:1].isupper():
            return part
    return ""
