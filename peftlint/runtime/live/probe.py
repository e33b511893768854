"""The batch on which a model is tried: given by the user, or made from the model's config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from peftlint.runtime.live.denoisers import denoiser_batch
from peftlint.runtime.live.handles import inner_model

_LENGTH = 16


class NoProbe(Exception):
    """No batch can be made for this model; the message says what to give."""


def from_ids(ids: list[int]) -> dict[str, Any]:
    """A batch of one row of token ids."""
    return {"input_ids": torch.tensor([ids], dtype=torch.long)}


def from_npz(path: Path) -> dict[str, Any]:
    """The arrays of an .npz file by the names of forward's arguments. Raises `NoProbe`; pickled arrays are
    refused.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    except (OSError, ValueError, TypeError) as failure:
        raise NoProbe(f"{path}: {failure}") from failure


def from_text(text: str, tokenizer_source: str) -> dict[str, Any]:
    """A text as ids by the tokenizer found at that place (folder or hub id). Raises `NoProbe`."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(tokenizer_source)
        return dict(tokenizer(text, return_tensors="pt"))
    except Exception as failure:  # what is missing decides what transformers raises
        first = "".join(str(failure).strip().splitlines()[:1])
        raise NoProbe(
            f"no tokenizer can be loaded from {tokenizer_source} (give one with --tokenizer): "
            f"{type(failure).__name__}: {first[:300]}"
        ) from failure


def to_device(inputs: Mapping[str, Any], model: nn.Module) -> dict[str, Any]:
    """The batch on the device of the model's first parameter, floating-point arrays in its type."""
    parameter = next(iter(model.parameters()), None)
    if parameter is None:
        return dict(inputs)
    return {name: _moved(value, parameter) for name, value in inputs.items()}


def _moved(value: Any, like: torch.Tensor) -> Any:
    if isinstance(value, Mapping):
        return {name: _moved(inner, like) for name, inner in value.items()}
    if not isinstance(value, torch.Tensor):
        return value
    return (
        value.to(like.device, like.dtype)
        if value.is_floating_point() and like.is_floating_point()
        else value.to(like.device)
    )


def made_for(model: nn.Module, rows: int = 2) -> dict[str, Any]:
    """A batch of random values, the same each time, that fits the model's config. Raises `NoProbe`."""
    inner = inner_model(model)
    config = getattr(inner, "config", None)
    if config is None:
        raise NoProbe("the model has no config; give a batch (--ids, --text, --npz, or `inputs=` in code)")
    random = torch.Generator().manual_seed(20240517)
    if any(cls.__module__.startswith("diffusers.") for cls in type(inner).__mro__):
        made = denoiser_batch(type(inner).__name__, config, random)
        if made is None:
            raise NoProbe(f"no batch is known for a {type(inner).__name__}; give one with --npz or `inputs=`")
        return made
    name = getattr(inner, "main_input_name", "input_ids")
    if name == "input_ids":
        return {**_with_tokens(_text(config, random, rows), _trained_tokens(model)), **_task_ids(model, rows)}
    if name == "pixel_values":
        vision = getattr(config, "vision_config", None) or config
        channels: int = getattr(vision, "num_channels", 3)
        size: Any = getattr(vision, "image_size", None)
        if size is None:
            raise NoProbe("the config names no image size; give a batch with --npz or `inputs=`")
        height, width = (size, size) if isinstance(size, int) else tuple(size)[:2]
        return {"pixel_values": torch.randn(rows, channels, height, width, generator=random)}
    if name == "input_features":
        frames = 2 * getattr(config, "max_source_positions", 1500)
        bins = getattr(config, "num_mel_bins", 80)
        batch: dict[str, Any] = {"input_features": torch.randn(1, bins, frames, generator=random)}
        return {**batch, "decoder_input_ids": _ids(config, random, 1, 8)}
    if name == "input_values":
        return {"input_values": torch.randn(1, 8000, generator=random)}
    raise NoProbe(f"the model's main input is {name!r}; give a batch with --npz or `inputs=`")


def _trained_tokens(model: nn.Module) -> list[int]:
    """Tokens whose embeddings an adapter trains: without them in the probe it would seem to have no
    effect.
    """
    found: list[int] = []
    configs = getattr(model, "peft_config", {})
    for config in configs.values() if isinstance(configs, dict) else ():
        for name in ("token_indices", "trainable_token_indices"):
            value = getattr(config, name, None)
            for entry in value.values() if isinstance(value, dict) else (value,):
                found += [token for token in entry or () if isinstance(token, int)]
    return found


def _task_ids(model: nn.Module, rows: int) -> dict[str, Any]:
    """The first task, for methods that must be told one (multitask prompt tuning, Poly)."""
    configs = getattr(model, "peft_config", {})
    asking = (
        getattr(config, name, None)
        for config in (configs.values() if isinstance(configs, dict) else ())
        for name in ("num_tasks", "n_tasks")
    )
    return {"task_ids": torch.zeros(rows, dtype=torch.long)} if any(asking) else {}


def _with_tokens(batch: dict[str, Any], tokens: list[int]) -> dict[str, Any]:
    ids = batch["input_ids"]
    for place, token in enumerate(tokens[: ids.shape[1] // 2]):
        ids[:, place] = token
    return batch


def _text(config: Any, random: torch.Generator, rows: int) -> dict[str, Any]:
    inner = getattr(config, "text_config", None) or config
    positions = (
        getattr(inner, "max_position_embeddings", None) or getattr(inner, "n_positions", None) or _LENGTH
    )
    length = max(2, min(_LENGTH, int(positions) // 2))
    ids = _ids(inner, random, rows, length)
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if getattr(config, "is_encoder_decoder", False):
        batch["decoder_input_ids"] = _ids(inner, random, rows, max(2, length // 2))
    return batch


def _ids(config: Any, random: torch.Generator, rows: int, length: int) -> torch.Tensor:
    """Token ids that are none of the special ones of the config."""
    vocabulary = getattr(config, "vocab_size", None)
    if not isinstance(vocabulary, int) or vocabulary < 2:
        raise NoProbe(
            "the config names no vocab_size; give a batch (--ids, --text, --npz, or `inputs=` in code)"
        )
    special = [
        getattr(config, f"{name}_token_id", None)
        for name in ("pad", "bos", "eos", "decoder_start", "mask", "image", "audio")
    ]
    taken = {
        i
        for entry in special
        for i in (entry if isinstance(entry, list | tuple) else (entry,))
        if isinstance(i, int)
    }
    first = min(vocabulary - 1, max((i for i in taken if i < vocabulary // 2), default=-1) + 1)
    ids = torch.randint(first, vocabulary, (rows, length), generator=random)
    for token in taken:
        ids[ids == token] = first
    return ids
