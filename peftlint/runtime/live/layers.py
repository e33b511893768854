"""The adapters in a model, layer by layer, as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass
class AdapterInLayer:
    """One adapter in one layer. `effect` is the norm of the change of the weight relative to the weight, if
    known.
    """

    trainable: bool
    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    parameters: int
    finite: bool
    scaling: float | None = None
    effect: float | None = None


@dataclass
class LayerState:
    """A module that adapters are in. `kind` is its class; `auxiliary` are copies of whole modules or
    tokens.
    """

    name: str
    kind: str
    adapters: dict[str, AdapterInLayer]
    active: tuple[str, ...]
    merged: tuple[str, ...]
    enabled: bool
    auxiliary: bool = False
    device: str = ""
    module: Any = field(default=None, repr=False, compare=False)

    @property
    def in_use(self) -> tuple[str, ...]:
        """The active adapters that this layer has."""
        return tuple(name for name in self.active if name in self.adapters)


def read_layers(model: nn.Module) -> list[LayerState]:
    """Every layer with adapters, in the model's order; prompt encoders count as one layer each."""
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils import ModulesToSaveWrapper, other

    # the common base class of such wrappers is there since peft 0.16
    auxiliary: Any = getattr(other, "AuxiliaryTrainingWrapper", ModulesToSaveWrapper)
    layers = []
    for name, module in model.named_modules():
        if isinstance(module, auxiliary):
            layers.append(_auxiliary(name, module))
        elif isinstance(module, BaseTunerLayer):
            layers.append(_tuner(name, module))
    return [layer for layer in layers if layer.adapters] + list(_prompts(model))


def _tuner(name: str, module: Any) -> LayerState:
    parts: dict[str, list[torch.Tensor]] = {}
    for attribute in (*module.adapter_layer_names, *module.other_param_names):
        holder: Any = getattr(module, attribute, None)
        if isinstance(holder, nn.ModuleDict | nn.ParameterDict) or (
            hasattr(holder, "keys") and attribute in module.adapter_layer_names
        ):
            for adapter in holder.keys():  # noqa: SIM118  (a ParameterDict iterates over its keys only by keys())
                parts.setdefault(adapter, []).extend(_tensors(holder[adapter]))
    base = _base_weight(module)
    adapters = {adapter: _adapter(module, adapter, tensors, base) for adapter, tensors in parts.items()}
    device = str(base.device) if base is not None else ""
    merged = tuple(getattr(module, "merged_adapters", ()))
    return LayerState(
        name,
        type(module).__name__,
        adapters,
        _active(module),
        merged,
        not module.disable_adapters,
        False,
        device,
        module,
    )


def _auxiliary(name: str, module: Any) -> LayerState:
    holder = getattr(module, "modules_to_save", None)
    if holder is None or not len(holder):
        token = getattr(module, "token_adapter", None)
        holder = getattr(token, "trainable_tokens_delta", {})
    adapters = {adapter: adapter_of(list(_tensors(holder[adapter]))) for adapter in holder.keys()}  # noqa: SIM118
    enabled = not getattr(module, "disable_adapters", getattr(module, "_disable_adapters", False))
    return LayerState(
        name, type(module).__name__, adapters, _active(module), (), bool(enabled), True, "", module
    )


def _prompts(model: nn.Module) -> Iterator[LayerState]:
    encoders = getattr(model, "prompt_encoder", None)
    if not isinstance(encoders, nn.ModuleDict):
        return
    active = getattr(model, "active_adapter", ())
    names = (active,) if isinstance(active, str) else tuple(active)
    enabled = not getattr(model, "_adapters_disabled", False)
    adapters = {name: adapter_of(list(_tensors(module))) for name, module in encoders.items()}
    kinds = {type(module).__name__ for module in encoders.values()}
    yield LayerState(
        "prompt_encoder", "+".join(sorted(kinds)), adapters, names, (), enabled, False, "", encoders
    )


def _active(module: Any) -> tuple[str, ...]:
    active: Any = getattr(module, "active_adapters", None) or getattr(module, "active_adapter", ())
    return (active,) if isinstance(active, str) else tuple(active)


def _tensors(part: Any) -> Iterator[torch.Tensor]:
    if isinstance(part, torch.Tensor):
        yield part
    elif isinstance(part, nn.Module):
        yield from part.parameters()


def _base_weight(module: Any) -> torch.Tensor | None:
    base = module.get_base_layer() if hasattr(module, "get_base_layer") else None
    weight = getattr(base, "weight", None)
    if isinstance(weight, torch.Tensor):
        return weight
    return next(iter(base.parameters()), None) if isinstance(base, nn.Module) else None


def _adapter(
    module: Any, name: str, tensors: list[torch.Tensor], base: torch.Tensor | None
) -> AdapterInLayer:
    scaling = getattr(module, "scaling", None)
    scale = scaling.get(name) if isinstance(scaling, Mapping) else None
    adapter = adapter_of(tensors)
    adapter.scaling = float(scale) if isinstance(scale, int | float) else None
    adapter.effect = _effect(module, name, base)
    return adapter


def adapter_of(tensors: list[torch.Tensor]) -> AdapterInLayer:
    """What these parameters of one adapter are."""
    return AdapterInLayer(
        trainable=any(tensor.requires_grad for tensor in tensors),
        devices=tuple(sorted({str(tensor.device) for tensor in tensors})),
        dtypes=tuple(sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors})),
        parameters=sum(tensor.numel() for tensor in tensors),
        finite=all(_finite(tensor) for tensor in tensors),
    )


def _finite(tensor: torch.Tensor) -> bool:
    if tensor.device.type == "meta" or not tensor.is_floating_point():
        return True
    return bool(torch.isfinite(tensor.detach()).all())


@torch.no_grad()
def _effect(module: Any, name: str, base: torch.Tensor | None) -> float | None:
    """|scaling * B A| / |W| (Frobenius) of a LoRA layer, without making the product; other methods: None."""
    halves = getattr(module, "lora_A", None), getattr(module, "lora_B", None)
    if (
        base is None
        or base.device.type == "meta"
        or not all(isinstance(h, nn.ModuleDict) and name in h for h in halves)
    ):
        return None
    a, b = (getattr(half[name], "weight", None) for half in halves if half is not None)
    if (
        not isinstance(a, torch.Tensor)
        or not isinstance(b, torch.Tensor)
        or a.dim() != 2
        or b.dim() != 2
        or a.device.type == "meta"
    ):
        return None
    if not base.is_floating_point():
        return None
    a, b = a.detach().float(), b.detach().float()
    square = ((a @ a.T) * (b.T @ b)).sum().clamp(min=0)
    size = torch.linalg.vector_norm(base.detach().float())
    return float(square.sqrt() * abs(module.scaling[name]) / size) if size > 0 else None


def adapter_names(layers: list[LayerState]) -> list[str]:
    """All adapters, in the order in which the layers first have them."""
    return list(dict.fromkeys(name for layer in layers for name in layer.adapters))


def adapter_parameters(layer: LayerState) -> Iterator[nn.Parameter]:
    """The parameters of all adapters in a layer, without those of the layer that is adapted."""
    module = layer.module
    if not isinstance(module, nn.Module):
        return
    for name, parameter in module.named_parameters():
        if not name.startswith(("base_layer.", "original_module.")):
            yield parameter
