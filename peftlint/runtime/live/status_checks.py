"""Findings that the state alone gives; nothing is run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.codes import Code
from peftlint.runtime.folder.methods import METHODS
from peftlint.runtime.live import codes
from peftlint.runtime.live.handles import DiffusersHandle, Handle, PeftHandle
from peftlint.runtime.live.layers import LayerState, adapter_parameters


def some(names: Sequence[str], limit: int = 3) -> str:
    shown = ", ".join(names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")


class StatusChecks:
    """The checks of one model; `training` says whether it is about to be trained (None: judged by its
    mode).
    """

    def __init__(
        self,
        handle: Handle,
        layers: list[LayerState],
        source: str,
        training: bool | None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.handle, self.layers, self.source = handle, layers, source
        self.places = places or {}
        self.model: Any = handle.model
        self.training = self.model.training if training is None else training
        self.tuner = [layer for layer in layers if not layer.auxiliary]
        self.names = handle.names(layers)
        self.active = handle.active(layers)

    def finding(self, code: Code, message: str, adapter: str = "") -> Diagnostic:
        where = f"{self.handle.label}: " if self.handle.label else ""
        return code.finding(where + message, self.places.get(adapter, self.source))

    def all(self) -> Iterator[Diagnostic]:
        yield from self.nested()
        if not self.layers and not _has_prompt_parameters(self.handle):
            yield self.finding(codes.NO_ADAPTER, f"{type(self.model).__name__} has no adapter layer")
            return
        yield from self.activity()
        yield from self.enabled()
        yield from self.merged()
        yield from self.gradients()
        yield from self.dropout()
        yield from self.scaling()
        yield from self.values()

    def nested(self) -> Iterator[Diagnostic]:
        from peft import PeftModel

        inner = [
            name
            for name, module in self.model.named_modules()
            if isinstance(module, PeftModel) and module is not self.model
        ]
        if inner:
            yield self.finding(codes.NESTED, f"a PeftModel inside: {some(inner)}")

    def activity(self) -> Iterator[Diagnostic]:
        known = {name for layer in self.layers for name in layer.adapters}
        unknown = [name for name in self.active if name not in known]
        if unknown and known:
            yield self.finding(
                codes.ACTIVE_UNKNOWN, f"active is {some(unknown)}, there are only {some(sorted(known), 8)}"
            )
            return
        kinds = Counter(tuple(sorted(layer.active)) for layer in self.tuner)
        odd = (
            [layer for layer in self.tuner if tuple(sorted(layer.active)) != kinds.most_common(1)[0][0]]
            if kinds
            else []
        )
        for layer in self.layers:
            expected = [name for name in self.active if name in layer.adapters]
            if layer.auxiliary and len(kinds) == 1 and expected and not layer.in_use:
                odd.append(layer)
        if odd:
            which = "; ".join(f"{'+'.join(key) or 'none'} in {count}" for key, count in kinds.most_common(3))
            yield self.finding(
                codes.ACTIVE_IRREGULAR,
                f"layers disagree on the active adapter ({which}): {some([layer.name for layer in odd])}",
            )
        label = getattr(self.model, "active_adapter", None)
        labels = [label] if isinstance(label, str) else list(label) if isinstance(label, list | tuple) else []
        if (
            isinstance(self.handle, PeftHandle)
            and not is_mixture(self.handle)
            and labels
            and len(kinds) == 1
            and not set(labels) <= set(self.active)
            and self.tuner
        ):
            yield self.finding(
                codes.ACTIVE_LABEL,
                f"model.active_adapter is {some(labels)}, the layers use {some(self.active) or 'none'}",
            )

    def enabled(self) -> Iterator[Diagnostic]:
        off = [layer.name for layer in self.layers if not layer.enabled]
        if off:
            what = (
                "all adapter layers are"
                if len(off) == len(self.layers)
                else f"{len(off)} of {len(self.layers)} adapter layers are"
            )
            yield self.finding(codes.DISABLED, f"{what} disabled: {some(off)}")

    def merged(self) -> Iterator[Diagnostic]:
        merged = {name for layer in self.tuner for name in layer.merged}
        if not merged:
            return
        strange = sorted(merged - set(self.active))
        if strange:
            yield self.finding(
                codes.MERGED,
                f"{some(strange)} is merged into the base weights, while {some(self.active) or 'none'} is "
                "active",
            )
        for name in sorted(merged):
            without = [
                layer.name for layer in self.tuner if name in layer.adapters and name not in layer.merged
            ]
            if without:
                yield self.finding(
                    codes.MERGED, f"{name} is merged in some layers only, not in {some(without)}"
                )

    def gradients(self) -> Iterator[Diagnostic]:
        if not self.handle.freezes_base and not self.training:
            return  # pipelines and bare modules leave requires_grad as it happens to be
        trainable = {
            name: [
                layer for layer in self.layers if name in layer.adapters and layer.adapters[name].trainable
            ]
            for name in self.names
        }
        for name, with_gradient in trainable.items():
            having = [layer for layer in self.tuner if name in layer.adapters]
            without = [layer.name for layer in having if not layer.adapters[name].trainable]
            # layers that disagree on the active adapter disagree on what is trainable, too: said once, above
            if without and len(without) < len(having) and len({layer.active for layer in self.tuner}) == 1:
                yield self.finding(
                    codes.TRAINABLE_IRREGULAR,
                    f"{name} is frozen in {len(without)} of {len(having)} layers: {some(without)}",
                    name,
                )
            if with_gradient and name not in self.active:
                yield self.finding(codes.INACTIVE_TRAINABLE, f"{name} is trainable and not active", name)
        frozen = [name for name in self.active if name in trainable and not trainable[name]]
        others = [name for name, found in trainable.items() if found and name not in self.active]
        if frozen and others:
            yield self.finding(
                codes.ACTIVE_FROZEN, f"{some(frozen)} is active and frozen, while {some(others)} is trainable"
            )
        yield from self.base_parameters()
        if self.training and not any(parameter.requires_grad for parameter in self.model.parameters()):
            yield self.finding(codes.NOTHING_TRAINABLE, "no parameter requires a gradient")

    def base_parameters(self) -> Iterator[Diagnostic]:
        if not self.handle.freezes_base:
            return
        own = {id(p) for layer in self.layers for p in adapter_parameters(layer)}
        prefixes = tuple(
            {method.prefix for c in self.handle.configs.values() if (method := METHODS.get(_method(c)))}
        )
        biases = any(
            str(getattr(c, "bias", "none")) not in ("none", "None") for c in self.handle.configs.values()
        )
        found = [
            name
            for name, parameter in self.model.named_parameters()
            if parameter.requires_grad
            and id(parameter) not in own
            and not any(part.startswith(prefixes) for part in name.split(".") if prefixes)
            and not (biases and name.endswith("bias"))
            and "prompt_encoder" not in name
        ]
        if found:
            yield self.finding(
                codes.BASE_TRAINABLE,
                f"{len(found)} parameters of the base model require gradients: {some(found)}",
            )

    def dropout(self) -> Iterator[Diagnostic]:
        if self.model.training:
            return
        on = [
            f"{layer.name}.{name}"
            for layer in self.tuner
            if isinstance(layer.module, nn.Module)
            for name, module in layer.module.named_modules()
            if isinstance(module, nn.Dropout)
            and module.training
            and module.p > 0
            and "base_layer" not in name
        ]
        if on:
            yield self.finding(
                codes.DROPOUT,
                f"{len(on)} dropout modules of adapters are in train mode while the model is in eval mode: "
                f"{some(on)}",
            )

    def scaling(self) -> Iterator[Diagnostic]:
        if isinstance(self.handle, DiffusersHandle):  # the weights of `set_adapters` are scalings, on purpose
            return
        for name, config in self.handle.configs.items():
            if (
                _method(config) != "LORA"
                or getattr(config, "alpha_pattern", None)
                or getattr(config, "lora_alpha", None) is None
            ):
                continue
            wrong: dict[tuple[float, float], list[str]] = {}
            for layer in self.tuner:
                adapter = layer.adapters.get(name)
                rank = getattr(layer.module, "r", {})
                rank = rank.get(name) if isinstance(rank, dict) else None
                if adapter is None or adapter.scaling is None or not rank or name in layer.merged:
                    continue
                expected = config.lora_alpha / (
                    math.sqrt(rank) if getattr(config, "use_rslora", False) else rank
                )
                if not math.isclose(adapter.scaling, expected, rel_tol=1e-6):
                    wrong.setdefault((adapter.scaling, expected), []).append(layer.name)
            for (scale, expected), places in wrong.items():
                yield self.finding(
                    codes.SCALE,
                    f"{name}: scaling is {scale:g}, config and rank give {expected:g}, in {len(places)} "
                    f"layers: {some(places)}",
                    name,
                )

    def values(self) -> Iterator[Diagnostic]:
        for name in self.names:
            here = [(layer, layer.adapters[name]) for layer in self.layers if name in layer.adapters]
            bad = [layer.name for layer, adapter in here if not adapter.finite]
            if bad:
                yield self.finding(
                    codes.WEIGHTS_NOT_FINITE,
                    f"{name} holds NaN or infinite values in {len(bad)} layers: {some(bad)}",
                    name,
                )
            away = [
                layer.name
                for layer, adapter in here
                if "meta" in adapter.devices
                or (layer.device not in ("", "meta") and any(d != layer.device for d in adapter.devices))
            ]
            if away:
                devices = sorted({device for _, adapter in here for device in adapter.devices})
                yield self.finding(
                    codes.DEVICE, f"{name} lies on {some(devices)}, apart from its layers: {some(away)}"
                )


def is_mixture(handle: Handle) -> bool:
    """X-LoRA: all its adapters are active at once, weighted by a classifier; none is switched to by name."""
    return any(_method(config) == "XLORA" for config in handle.configs.values())


def _method(config: Any) -> str:
    kind = getattr(config, "peft_type", "")
    return str(getattr(kind, "value", kind))


def parameters_of_method(model: nn.Module, method: str) -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters that are of that PEFT method by their names."""
    if method in METHODS:
        prefix = METHODS[method].prefix
        yield from (
            (n, p)
            for n, p in model.named_parameters()
            if any(part.startswith(prefix) for part in n.split("."))
        )


def _has_prompt_parameters(handle: Handle) -> bool:
    """Methods without layers of their own that can be listed: AdaptionPrompt replaces whole attention
    modules.
    """
    return any(
        True
        for config in handle.configs.values()
        for _ in parameters_of_method(handle.model, _method(config))
    )
