"""One way to speak to the kinds of models with adapters: activate, disable, merge, by the calls that their
users make.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import nn

from peftlint.runtime.live.layers import LayerState, adapter_names, read_layers


class Handle:
    """A plain module into which layers were injected, and what the kinds below have in common."""

    kind = "module with injected adapters"
    #: loading adapters freezes the base parameters
    freezes_base = False

    def __init__(self, model: Any, label: str = "") -> None:
        self.model, self.label = model, label
        self._modules = list(_tuner_modules(model))

    @property
    def configs(self) -> dict[str, Any]:
        """The PEFT config of each adapter."""
        configs = getattr(self.model, "peft_config", None)
        return dict(configs) if isinstance(configs, dict) else {}

    def layers(self) -> list[LayerState]:
        return read_layers(self.model)

    def names(self, layers: Sequence[LayerState]) -> list[str]:
        """The adapters that can be activated: those of the configs, and those only in layers."""
        return list(dict.fromkeys([*self.configs, *adapter_names(list(layers))]))

    def active(self, layers: Sequence[LayerState]) -> list[str]:
        """The adapters that the layers use."""
        return list(dict.fromkeys(name for layer in layers if not layer.auxiliary for name in layer.active))

    def activate(self, name: str) -> None:
        for module in self._modules:
            module.set_adapter(name)

    def disabled(self) -> AbstractContextManager[Any]:
        return self._by_layers()

    @contextmanager
    def _by_layers(self) -> Iterator[None]:
        self._enable(False)
        try:
            yield
        finally:
            self._enable(True)

    def enable_all(self) -> None:
        """Enable every layer by itself: also those that the model's own call forgets."""
        for module in self._modules:
            module.enable_adapters(True)

    def _enable(self, enabled: bool) -> None:
        for module in self._modules:
            module.enable_adapters(enabled)

    def merge(self, name: str) -> None:
        """Merge the active adapter. Raises what PEFT raises where that is not possible."""
        for layer in self._mergeable():
            layer.merge(adapter_names=[name])

    def unmerge(self) -> None:
        for layer in self._mergeable():
            layer.unmerge()

    def forget_merges(self) -> None:
        """After a merge that failed half-way: nothing counts as merged (the caller puts the weights back)."""
        for layer in self._mergeable():
            layer.merged_adapters.clear()

    def _mergeable(self) -> Iterator[Any]:
        from peft.tuners.tuners_utils import BaseTunerLayer

        return (
            m
            for m in self._modules
            if isinstance(m, BaseTunerLayer) and hasattr(m, "merge") and hasattr(m, "get_base_layer")
        )

    def base_weights(self) -> Iterator[torch.Tensor]:
        """The tensors that merging changes."""
        for layer in self._mergeable():
            base = layer.get_base_layer()
            yield from base.parameters(recurse=False)


class PeftHandle(Handle):
    """PeftModel and PeftMixedModel."""

    kind = "PeftModel"
    freezes_base = True

    def activate(self, name: str) -> None:
        self.model.set_adapter(name)

    def disabled(self) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = self.model.disable_adapter()
        return context

    def enable_all(self) -> None:
        super().enable_all()
        if getattr(self.model, "_adapters_disabled", False):
            self.model._adapters_disabled = False


class TransformersHandle(Handle):
    """A transformers model with adapters of its own (`model.load_adapter`)."""

    kind = "transformers model"
    freezes_base = True

    def activate(self, name: str) -> None:
        self.model.set_adapter(name)

    @contextmanager
    def disabled(self) -> Iterator[None]:
        self.model.disable_adapters()
        try:
            yield
        finally:
            self.enable_all()


class DiffusersHandle(Handle):
    """A model of diffusers, by itself or as a component of a pipeline. Pipelines do not freeze their
    models.
    """

    kind = "diffusers model"

    def activate(self, name: str) -> None:
        self.model.set_adapter(name)

    @contextmanager
    def disabled(self) -> Iterator[None]:
        self.model.disable_adapters()
        try:
            yield
        finally:
            self.model.enable_adapters()


def handles_of(model: Any) -> list[Handle]:
    """The handle of a model, or one for each component of a diffusers pipeline. Raises TypeError for anything
    else.
    """
    components = getattr(model, "components", None)
    if not isinstance(model, nn.Module) and isinstance(components, dict):
        modules = {name: part for name, part in components.items() if isinstance(part, nn.Module)}
        return [
            handle_of(part, name)
            for name, part in modules.items()
            if next(_tuner_modules(part), None) is not None
        ] or [handle_of(part, name) for name, part in list(modules.items())[:1]]
    if not isinstance(model, nn.Module):
        raise TypeError(f"a {type(model).__name__} is no torch module and no diffusers pipeline")
    return [handle_of(model)]


def handle_of(model: nn.Module, label: str = "") -> Handle:
    from peft import PeftMixedModel, PeftModel

    model = uncompiled(model)
    if isinstance(model, PeftModel | PeftMixedModel):
        return PeftHandle(model, label)
    if getattr(model, "_hf_peft_config_loaded", False):
        diffusers = any(cls.__module__.startswith("diffusers.") for cls in type(model).__mro__)
        return DiffusersHandle(model, label) if diffusers else TransformersHandle(model, label)
    return Handle(model, label)


def uncompiled(model: nn.Module) -> nn.Module:
    """The module inside `torch.compile`'s wrapper; the model itself if it is not compiled.

    Not by getattr: a PeftModel forwards that to its base, which may be compiled while the PeftModel is not.
    """
    inner = model.__dict__.get("_modules", {}).get("_orig_mod")
    return inner if inner is not None else model


def inner_model(model: Any) -> Any:
    """The model that a PeftModel wraps; the model itself otherwise.

    Not by `get_base_model()`, which fails when the active adapter does not exist.
    """
    from peft import PeftMixedModel, PeftModel

    if not isinstance(model, PeftModel | PeftMixedModel):
        return model
    base = model.base_model
    return (
        base.model
        if type(base).__module__.startswith("peft.") and isinstance(getattr(base, "model", None), nn.Module)
        else base
    )


def _tuner_modules(model: nn.Module) -> Iterator[Any]:
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils import ModulesToSaveWrapper

    kinds: tuple[type, ...] = (BaseTunerLayer, ModulesToSaveWrapper)
    with contextlib.suppress(ImportError):
        from peft.utils.other import AuxiliaryTrainingWrapper

        kinds = (*kinds, AuxiliaryTrainingWrapper)
    return (module for module in model.modules() if isinstance(module, kinds))
