"""What a KV cache that is kept over a switch of adapters does to the output."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from peftlint.runtime.live.handles import Handle
from peftlint.runtime.live.outputs import Comparison, Output, compare, tensor_of


def stale_cache(handle: Handle, name: str, inputs: Mapping[str, Any]) -> Comparison | None:
    """A cache computed with the adapter and continued with adapters disabled, against a clean run.

    A measurement for the report, not a finding: it differs with every effective adapter. None where there is
    no such cache: prompt methods, encoders, models without this protocol.
    """
    ids = inputs.get("input_ids")
    if not isinstance(ids, torch.Tensor) or "decoder_input_ids" in inputs:
        return None
    half = ids.shape[1] // 2
    try:
        handle.activate(name)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cache = handle.model(input_ids=ids[:, :half], use_cache=True).past_key_values
            with handle.disabled():
                clean, distribution = tensor_of(handle.model(input_ids=ids, use_cache=False))
                rest = {"input_ids": ids[:, half:], "attention_mask": torch.ones_like(ids)}
                kept, _ = tensor_of(handle.model(**rest, past_key_values=cache))
    except Exception:  # whatever such a model raises: the measurement is a courtesy
        return None
    clean, kept = clean[:, half:].float().cpu(), kept.float().cpu()
    if not distribution or clean.shape != kept.shape:
        return None
    return compare(Output(clean, True), Output(kept, True))
