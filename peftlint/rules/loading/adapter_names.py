"""Which names an adapter cannot have, and what to call it instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from peftlint.semantics.values import Value, text

if TYPE_CHECKING:
    from peftlint.targets import Targets

#: public attributes of torch.nn.ModuleDict (torch 2.0 to 2.13), in which PEFT keeps the adapters of a layer
_MODULE_DICT = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "clear",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "items",
        "keys",
        "load_state_dict",
        "modules",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_module",
        "register_parameter",
        "requires_grad_",
        "set_extra_state",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "update",
        "values",
        "xpu",
        "zero_grad",
    ]
)
#: names that swallowed the end of `...lora_A.weight` on the way to disk (run on peft 0.8.1, 0.12)
_INSIDE_PREFIX = frozenset(["l", "lo", "lor", "lora", "lora_", "lora_A", "lora_B", "weight"])


def impossible(name: Value) -> str | None:
    """Why torch refuses the name, if it does."""
    known = text(name)
    if known is None:
        return None
    if "." in known:
        return "a module's name cannot contain a dot"
    if known in _MODULE_DICT:
        return f"torch's ModuleDict has an attribute `{known}` of its own"
    return None


def lost_on_disk(name: Value, targets: Targets) -> bool:
    """Do the weights of an adapter of that name get lost when it is saved?"""
    return text(name) in _INSIDE_PREFIX and targets.peft.every("<0.18")


def same_run(left: Value | None, right: Value | None) -> bool:
    """May the two folders hold checkpoints of one run (the same but for a number), or are they not both known?"""
    first, second = text(left), text(right)
    if first is None or second is None:
        return True
    return re.sub(r"\d+", "", first) == re.sub(r"\d+", "", second)


def from_path(path: Value | None, taken: set[str]) -> str | None:
    """A free name made of the last part of the path: "code" for "adapters/code", "ink" for "ink.safetensors"."""
    known = text(path)
    if known is None:
        return None
    name = re.sub(r"\W+", "_", known.rstrip("/").rpartition("/")[2].removesuffix(".safetensors")).strip("_")
    return name if name and name not in taken and name not in _MODULE_DICT else None
