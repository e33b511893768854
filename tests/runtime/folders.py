"""Adapter folders made by hand, with numpy alone: what PEFT 0.21 writes for a Llama with two layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

Tensors = dict[str, "np.ndarray[Any, Any]"]
PREFIX = "base_model.model.model.layers"


def lora_tensors(
    seed: int = 0,
    rank: int = 4,
    layers: int = 2,
    modules: tuple[str, ...] = ("q_proj", "v_proj"),
    width: int = 32,
) -> Tensors:
    """A trained LoRA: every value random."""
    random = np.random.default_rng(seed)
    tensors: Tensors = {}
    for layer in range(layers):
        for module in modules:
            name = f"{PREFIX}.{layer}.self_attn.{module}"
            tensors[f"{name}.lora_A.weight"] = random.normal(size=(rank, width)).astype("float32")
            tensors[f"{name}.lora_B.weight"] = random.normal(size=(width, rank)).astype("float32")
    return tensors


def lora_config(**changes: Any) -> dict[str, Any]:
    config: dict[str, Any] = {
        "base_model_name_or_path": "some/llama",
        "bias": "none",
        "init_lora_weights": True,
        "lora_alpha": 8,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": 4,
        "rank_pattern": {},
        "alpha_pattern": {},
        "target_modules": ["q_proj", "v_proj"],
        "task_type": "CAUSAL_LM",
    }
    return {**config, **changes}


def write(folder: Path, tensors: Tensors | None = None, config: Mapping[str, Any] | None = None) -> Path:
    """An adapter folder; a healthy LoRA by default."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(
        json.dumps(lora_config() if config is None else config, indent=2)
    )
    save_file(lora_tensors() if tensors is None else tensors, folder / "adapter_model.safetensors")
    return folder


def renamed(tensors: Tensors, rename: Callable[[str], str]) -> Tensors:
    return {rename(name): value for name, value in tensors.items()}


LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 64,
}
