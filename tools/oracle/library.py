"""What the library itself says of a model: read from its layers and parameters, not from peftlint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Observed:
    """One model variable at one moment. `base`: the id of the innermost transformers model.

    Three-valued facts are None where the layers disagree among themselves.
    """

    kind: str
    base: int
    nested: bool
    prompt: bool
    adapters: frozenset[str]
    active: frozenset[str] | None
    enabled: bool | None
    merged: frozenset[str]
    merged_everywhere: bool
    trainable: dict[str, bool | None]
    neutral: dict[str, bool | None]
    weights: dict[str, int]
    moved: dict[str, bool]
    training: bool
    dropout: bool
    input_grads: bool
    checkpointing: bool | None
    configured: frozenset[str] = frozenset()
    """Adapters that the model has a config of: what decides whether a name is put into the layers when it is loaded."""
    saved: bool = field(compare=False, default=False)
    """Some module is kept in copies for `modules_to_save`."""
    linear: bool = field(compare=False, default=True)
    """Every adapter is plain LoRA, so that its effect is a matrix added to the weight."""


def base_of(model: Any) -> tuple[Any, int]:
    """The innermost transformers model, and how many PEFT wrappers are around it."""
    from peft import PeftMixedModel, PeftModel

    depth = 0
    while isinstance(model, PeftModel | PeftMixedModel):
        depth += 1
        inner = model.base_model
        model = inner.model if not isinstance(model, PeftModel) or _is_tuner(inner) else inner
    return model, depth


def _is_tuner(module: Any) -> bool:
    from peft.tuners.tuners_utils import BaseTuner

    return isinstance(module, BaseTuner) or type(module).__name__ == "MixedModel"


def tuner_layers(model: Any) -> list[tuple[str, Any]]:
    """Name and module of each layer that adapters were injected into."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    return [(name, module) for name, module in model.named_modules() if isinstance(module, BaseTunerLayer)]


def _names(layer: Any) -> set[str]:
    found: set[str] = set()
    for attribute in layer.adapter_layer_names:
        found |= set(getattr(layer, attribute, {}).keys())
    return found


def _agreed(values: list[Any]) -> Any:
    return values[0] if values and all(value == values[0] for value in values) else None


def observe(model: Any) -> Observed:
    """Everything that is compared, of a PeftModel, PeftMixedModel or transformers model."""
    from peft import PeftMixedModel, PeftModel

    base, depth = base_of(model)
    prompt = isinstance(model, PeftModel) and not _is_tuner(model.base_model)
    layers = [layer for _, layer in tuner_layers(base)]
    kind = (
        "mixed" if isinstance(model, PeftMixedModel) else "peft" if isinstance(model, PeftModel) else "base"
    )
    adapters: set[str] = set()
    for layer in layers:
        adapters |= _names(layer)
    merged: set[str] = set()
    for layer in layers:
        merged |= set(layer.merged_adapters)
    saved = any("modules_to_save" in name for name, _ in base.named_modules())
    trainable, neutral, weights, moved = {}, {}, {}, {}
    for name in adapters:
        trainable[name], weights[name], moved[name] = _parameters_of(base, name)
        neutral[name] = _is_neutral(layers, name)
    return Observed(
        kind=kind,
        base=id(base),
        nested=depth > 1,
        prompt=prompt,
        adapters=frozenset(adapters),
        active=_agreed([frozenset(layer.active_adapters) for layer in layers]) if layers else frozenset(),
        enabled=_agreed([not layer.disable_adapters for layer in layers]) if layers else True,
        merged=frozenset(merged),
        merged_everywhere=bool(layers) and all(layer.merged for layer in layers),
        trainable=trainable,
        neutral=neutral,
        weights=weights,
        moved=moved,
        training=base.training,
        dropout=_dropout_on(layers),
        input_grads=_hooks_inputs(base),
        checkpointing=_checkpointing(base),
        configured=frozenset(getattr(model, "peft_config", None) or ())
        | frozenset(getattr(base, "peft_config", None) or ()),
        saved=saved,
        linear=_linear(layers, saved),
    )


def _parameters_of(base: Any, adapter: str) -> tuple[bool | None, int, bool]:
    """Does it learn, a number for its weights, and has it got gradients?"""
    found: list[bool] = []
    moved = False
    sums: list[float] = []
    for name, parameter in base.named_parameters():
        if adapter in name.split("."):
            found.append(parameter.requires_grad)
            if "modules_to_save" not in name:
                sums.append(float(parameter.detach().double().abs().sum()))
            moved = moved or parameter.grad is not None
    return _agreed(found), hash(tuple(sums)), moved


def _is_neutral(layers: list[Any], adapter: str) -> bool | None:
    """Does the adapter change nothing? Plain LoRA: B @ A is zero in every layer; else None."""
    for layer in layers:
        if adapter not in _names(layer):
            continue
        if not hasattr(layer, "lora_B") or adapter not in layer.lora_B or _dora(layer, adapter):
            return None
        product = layer.lora_B[adapter].weight.detach() @ layer.lora_A[adapter].weight.detach()
        if product.abs().max() > 1e-8:
            return False
    return True


def _dora(layer: Any, adapter: str) -> bool:
    magnitudes = getattr(layer, "lora_magnitude_vector", None)
    return magnitudes is not None and adapter in magnitudes


def _linear(layers: list[Any], saved: bool) -> bool:
    return not saved and all(
        hasattr(layer, "lora_B") and not any(_dora(layer, name) for name in _names(layer)) for layer in layers
    )


def _dropout_on(layers: list[Any]) -> bool:
    return any(
        module.training
        for layer in layers
        if hasattr(layer, "lora_dropout")
        for module in layer.lora_dropout.values()
    )


def _checkpointing(base: Any) -> bool | None:
    try:
        return bool(getattr(base, "is_gradient_checkpointing", False))
    except IndexError:
        # peft 0.17: a module that `modules_to_save` wraps cannot be asked while no adapter is active
        return None


def _hooks_inputs(base: Any) -> bool:
    # `modules_to_save` wraps the embeddings: the copies in it have the hooks of what they are copies of
    return any(module._forward_hooks for module in base.get_input_embeddings().modules())


def deltas(model: Any) -> dict[str, dict[str, Any]]:
    """What each LoRA adapter adds to the weights, by adapter and layer."""
    base, _ = base_of(model)
    found: dict[str, dict[str, Any]] = {}
    for path, layer in tuner_layers(base):
        for name in _names(layer):
            if hasattr(layer, "lora_B") and name in layer.lora_B:
                found.setdefault(name, {})[path] = layer.get_delta_weight(name).detach().clone()
    return found


def logits(model: Any, ids: Any) -> Any:
    """What the model computes now; nothing is changed by asking."""
    import torch

    base, _ = base_of(model)
    # dropout and checkpointing have no say in what adapters do
    modes = [(module, module.training) for module in base.modules()]
    for module, _ in modes:
        module.training = False
    try:
        with torch.no_grad():
            return base(input_ids=ids).logits
    finally:
        for module, mode in modes:
            module.training = mode
