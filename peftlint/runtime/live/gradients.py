"""Whether gradients reach the active adapters."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from peftlint.runtime.live.layers import LayerState, adapter_parameters

#: layers that a probe of text, or of few tokens, rightly does not reach
_NOT_REACHED = ("expert", "vision", "visual", "image", "audio", "speech", "token_adapter")


def layers_without_gradient(
    model: Any, inputs: Mapping[str, Any], layers: list[LayerState]
) -> tuple[list[str], int]:
    """The layers in which no trainable parameter of an active adapter takes part in the output, of how many.

    No parameter's `.grad` is touched. ([], 0) if nothing is trainable.
    """
    own = {
        layer.name: [p for p in adapter_parameters(layer) if p.requires_grad] for layer in _reachable(layers)
    }
    parameters = [parameter for found in own.values() for parameter in found]
    if not parameters:
        return [], 0
    with torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = sum(t.float().square().mean() for t in _differentiable(model(**inputs)))
        if not isinstance(loss, torch.Tensor) or loss.grad_fn is None:
            return [name for name, mine in own.items() if mine], len(own)
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
    missing = {id(p) for p, gradient in zip(parameters, found, strict=True) if gradient is None}
    # a layer of which some part is reached is in use: unused parts (routers, idle adapters) are its own
    # business
    return [name for name, mine in own.items() if mine and all(id(p) in missing for p in mine)], len(own)


def _reachable(layers: list[LayerState]) -> Iterator[LayerState]:
    for layer in layers:
        if layer.in_use and not any(word in layer.name.lower() for word in _NOT_REACHED):
            yield layer


def _differentiable(result: Any) -> Iterator[torch.Tensor]:
    """Every floating-point tensor in an output that has a gradient."""
    values: Sequence[Any]
    if isinstance(result, torch.Tensor):
        values = [result]
    elif isinstance(result, Mapping):
        values = list(result.values())
    else:
        values = list(result) if isinstance(result, tuple | list) else list(vars(result).values())
    for value in values:
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.requires_grad:
            yield value
