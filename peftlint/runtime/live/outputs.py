"""Running a probe, and comparing what comes out: logits, never generated text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

#: relative to the size of the logits: what rounding explains after merging, by type of the weights
MERGE_TOLERANCE = {torch.float64: 1e-7, torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 1e-1}
_FIELDS = (
    "logits",
    "start_logits",
    "last_hidden_state",
    "sample",
    "prediction_logits",
    "image_embeds",
    "embeddings",
)


@dataclass(frozen=True)
class Comparison:
    """Two outputs of one probe. `divergence` is KL(first || second) in nats per position, `agreement` the
    share of positions with the same largest logit; both None where the output is no distribution (hidden
    states, images)."""

    largest: float
    mean: float
    divergence: float | None
    agreement: float | None
    scale: float

    def as_dict(self) -> dict[str, float | None]:
        return {
            "largest": self.largest,
            "mean": self.mean,
            "divergence": self.divergence,
            "agreement": self.agreement,
        }


@dataclass(frozen=True)
class Output:
    """The output of one run on the CPU as float32 (float64 stays). `distribution`: the last axis holds
    logits.
    """

    values: torch.Tensor
    distribution: bool

    @property
    def finite(self) -> bool:
        return bool(torch.isfinite(self.values).all())


def run(model: nn.Module, inputs: Mapping[str, Any]) -> Output:
    """One forward pass. Raises what the model raises, and TypeError for an output without a known tensor."""
    with torch.no_grad():
        return _extracted(model(**inputs))


def _extracted(result: Any) -> Output:
    tensor, distribution = tensor_of(result)
    tensor = tensor.detach()
    return Output(
        tensor.to("cpu", torch.float64 if tensor.dtype == torch.float64 else torch.float32), distribution
    )


def tensor_of(result: Any) -> tuple[torch.Tensor, bool]:
    """The tensor to look at in a model's output, and whether its last axis holds logits."""
    if isinstance(result, torch.Tensor):
        return result, False
    for name in _FIELDS:
        value = getattr(result, name, None)
        if value is None and isinstance(result, Mapping):
            value = result.get(name)
        if isinstance(value, torch.Tensor):
            if name == "start_logits":
                return torch.stack([value, result.end_logits], 1), True
            return value, name in ("logits", "prediction_logits") and value.shape[-1] > 1
    if isinstance(result, tuple | list):
        found = next((value for value in result if isinstance(value, torch.Tensor)), None)
        if found is not None:
            return found, False
    raise TypeError(f"the model's output ({type(result).__name__}) holds no tensor that is known")


def compare(first: Output, second: Output) -> Comparison:
    """Differences of the second from the first. Prompt methods add positions in front: the last ones are
    compared.
    """
    a, b = first.values, second.values
    if a.shape != b.shape and a.dim() == b.dim() >= 2:
        length = min(a.shape[1], b.shape[1])
        a, b = a[:, a.shape[1] - length :], b[:, b.shape[1] - length :]
    difference = (a - b).abs()
    nan = float("nan")
    largest = float(difference.max()) if difference.numel() else nan
    divergence = agreement = None
    if first.distribution and second.distribution:
        p, q = a.double().log_softmax(-1), b.double().log_softmax(-1)
        divergence = max(0.0, float((p.exp() * (p - q)).sum(-1).mean()))
        agreement = float((a.argmax(-1) == b.argmax(-1)).double().mean())
    scale = float(a.abs().max()) if a.numel() else nan
    return Comparison(largest, float(difference.mean()), divergence, agreement, scale)


def weight_dtype(model: nn.Module) -> torch.dtype:
    """The type that most of the model's floating-point weights have."""
    counts: dict[torch.dtype, int] = {}
    for parameter in model.parameters():
        if parameter.is_floating_point():
            counts[parameter.dtype] = counts.get(parameter.dtype, 0) + parameter.numel()
    return max(counts, key=lambda dtype: counts[dtype], default=torch.float32)


def rounding(dtype: torch.dtype, scale: float) -> float:
    """The difference that rounding in another order of operations explains, for outputs of that size."""
    return 16 * torch.finfo(dtype).eps * max(scale, 1e-6)
