"""Which part of an adapter each tensor of a weights file is, told from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from peftlint.runtime.folder.methods import EMBEDDINGS, METHODS, PROMPT_METHODS, PROMPT_TENSORS, Method
from peftlint.runtime.folder.tensors import StoredTensor

_PREFIX = "base_model.model."
_NESTED = "base_model.model.base_model.model."
_TOKENS = "trainable_tokens_delta"


class Kind(Enum):
    ADAPTER = "a tensor of the method"
    SAVED_MODULE = "a copy of a module in modules_to_save"
    EMBEDDING = "an embedding that is saved along"
    TOKENS = "trained token embeddings"
    BIAS = "a bias that is trained along"
    ROUTER = "X-LoRA's classifier, which is saved beside each of its adapters"
    FOREIGN = "a tensor of the base model"


@dataclass(frozen=True)
class Key:
    """`module` is the path in the base model, `tail` what the method adds to it. The flags say what is wrong
    with the name.
    """

    tensor: StoredTensor
    kind: Kind
    module: str
    tail: str
    adapter_name: str | None = None
    compiled: bool = False
    nested: bool = False
    prefixed: bool = True


def read_key(tensor: StoredTensor, method_name: str, modules_to_save: list[str], bias: str) -> Key:
    """What the name says for an adapter of that PEFT type. Unknown methods give FOREIGN for lack of a better
    word.
    """
    name = tensor.name
    compiled, nested = "_orig_mod." in name, name.startswith(_NESTED)
    name = name.replace("_orig_mod.", "").removeprefix(_PREFIX if nested else "")
    if method_name in PROMPT_METHODS and name.split(".")[-1] in PROMPT_TENSORS:
        return Key(tensor, Kind.ADAPTER, "", name, compiled=compiled)
    prefixed = name.startswith("base_model.")
    body = name.removeprefix("module.").removeprefix(_PREFIX).removeprefix("base_model.")
    components = body.split(".")
    method = METHODS.get(method_name)
    start = _start(components, method)
    if start is not None and method is not None:
        tail, adapter_name = _without_adapter_name(components[start:], method)
        module = ".".join(components[:start])
        return Key(tensor, Kind.ADAPTER, module, tail, adapter_name, compiled, nested, prefixed)
    module, _, tail = body.rpartition(".")
    kind, adapter_name = _other_kind(module, tail, modules_to_save, bias)
    return Key(tensor, kind, module, tail, adapter_name, compiled, nested, prefixed)


def _start(components: list[str], method: Method | None) -> int | None:
    if method is None:
        return None
    prefix = method.prefix
    for index, part in enumerate(components):
        if part.startswith(prefix):
            return index
    return None


def _without_adapter_name(tail: list[str], method: Method) -> tuple[str, str | None]:
    """`lora_A.default.weight` gives (`lora_A.weight`, `default`)."""
    whole = ".".join(tail)
    if whole in method.tails:
        return whole, None
    for index in range(1, len(tail)):
        shorter = ".".join(tail[:index] + tail[index + 1 :])
        if shorter in method.tails:
            return shorter, tail[index]
    return whole, None


def _other_kind(module: str, tail: str, modules_to_save: list[str], bias: str) -> tuple[Kind, str | None]:
    if module.startswith("internal_xlora_classifier."):
        return Kind.ROUTER, None
    inner = re.fullmatch(r"(.*)\.modules_to_save\.([^.]+)(?:\..*)?", module)
    if inner:
        return Kind.SAVED_MODULE, inner[2]
    if tail == _TOKENS or f".{_TOKENS}" in module:
        return Kind.TOKENS, None
    if any(is_below(module, name) for name in modules_to_save) and ".original_module" not in module:
        return Kind.SAVED_MODULE, None
    if module.removesuffix(".base_layer").split(".")[-1] in EMBEDDINGS:
        return Kind.EMBEDDING, None
    if tail == "bias" and bias not in ("none", ""):
        return Kind.BIAS, None
    return Kind.FOREIGN, None


def is_named(module: str, name: str) -> bool:
    """PEFT's test for an entry of a list: the whole path, or its end at a dot."""
    return module == name or module.endswith(f".{name}")


def is_below(module: str, name: str) -> bool:
    """`module` is named `name`, or lies inside a module that is."""
    return is_named(module, name) or f".{name}." in f".{module}."
