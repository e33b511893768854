"""Tiny models made from configs, and every PEFT method that trains on a CPU, with settings small enough for
them.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from peft import get_peft_model
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from transformers import LlamaConfig, LlamaForCausalLM

IDS = torch.arange(1, 13).reshape(1, 12)
_PROMPT = {"num_virtual_tokens": 4, "task_type": "CAUSAL_LM"}
_TARGET: dict[str, Any] = {"target_modules": ["q_proj"]}

#: what each method needs beyond target_modules
SETTINGS: dict[str, dict[str, Any]] = {
    "LORA": _TARGET,
    "ADALORA": {**_TARGET, "total_step": 10, "tinit": 1, "tfinal": 1, "deltaT": 1},
    "ADAPTION_PROMPT": {"adapter_len": 4, "adapter_layers": 2, "task_type": "CAUSAL_LM"},
    "BEFT": _TARGET,
    "BOFT": {**_TARGET, "boft_block_size": 8},
    "C3A": {**_TARGET, "block_size": 8},
    "CARTRIDGE": _PROMPT,
    "DEFT": _TARGET,
    "DELORA": _TARGET,
    "FOURIERFT": {**_TARGET, "n_frequency": 64},
    "FROD": _TARGET,
    "GLORA": _TARGET,
    "GRALORA": _TARGET,
    "HIRA": _TARGET,
    "HRA": _TARGET,
    "IA3": {"target_modules": ["q_proj", "down_proj"], "feedforward_modules": ["down_proj"]},
    "LILY": _TARGET,
    "LN_TUNING": {},
    "LOHA": _TARGET,
    "LOKR": _TARGET,
    "MISS": {**_TARGET, "r": 4},
    "OFT": {**_TARGET, "oft_block_size": 8, "r": 0},
    "OSF": _TARGET,
    "PEANUT": _TARGET,
    "PREFIX_TUNING": _PROMPT,
    "PROMPT_TUNING": _PROMPT,
    "PSOFT": _TARGET,
    "PVERA": _TARGET,
    "P_TUNING": {**_PROMPT, "encoder_hidden_size": 16},
    "RANDLORA": _TARGET,
    "ROAD": {**_TARGET, "group_size": 8},
    "SHIRA": {**_TARGET, "r": 2},
    "SUPERTUNING": _TARGET,
    "TINYLORA": _TARGET,
    "TRAINABLE_TOKENS": {"token_indices": [1, 2, 3]},
    "UNILORA": _TARGET,
    "VBLORA": {**_TARGET, "num_vectors": 8, "vector_length": 8, "topk": 2},
    "VERA": _TARGET,
    "WAVEFT": {**_TARGET, "n_frequency": 32},
}


def llama(**changes: Any) -> LlamaForCausalLM:
    """A random Llama of two layers, the same each time."""
    torch.manual_seed(0)
    settings = {
        "vocab_size": 64,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": 64,
    }
    model = LlamaForCausalLM(LlamaConfig(**{**settings, **changes})).eval()
    model.name_or_path = model.config._name_or_path = "tiny/llama"
    return model


def available() -> list[str]:
    """The methods of SETTINGS that the installed peft has."""
    names = {str(getattr(key, "value", key)) for key in PEFT_TYPE_TO_CONFIG_MAPPING}
    return [name for name in SETTINGS if name in names]


def config(method: str, **changes: Any) -> Any:
    by_name = {str(getattr(key, "value", key)): value for key, value in PEFT_TYPE_TO_CONFIG_MAPPING.items()}
    return by_name[method](base_model_name_or_path="tiny/llama", **{**SETTINGS.get(method, {}), **changes})


def wrapped(method: str = "LORA", **changes: Any) -> Any:
    """A fresh adapter of that method on the tiny Llama."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        return get_peft_model(llama(), config(method, **changes))


def train(model: Any, steps: int = 3, rate: float = 1e-2, ids: torch.Tensor = IDS) -> Any:
    """A few optimizer steps on one batch; the model is in eval mode afterwards."""
    model.train()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
    return model.eval()
