"""What the adapters do: the probe is run with each of them, without any, and merged; outputs are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import torch

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.codes import Code
from peftlint.runtime.live import codes
from peftlint.runtime.live.gradients import layers_without_gradient
from peftlint.runtime.live.handles import Handle
from peftlint.runtime.live.layers import LayerState
from peftlint.runtime.live.outputs import (
    MERGE_TOLERANCE,
    Comparison,
    Output,
    compare,
    rounding,
    run,
    weight_dtype,
)
from peftlint.runtime.live.preserve import Snapshot
from peftlint.runtime.live.report import PartReport
from peftlint.runtime.live.status_checks import is_mixture, some

#: methods whose initial state adds exactly nothing: any difference at all is an effect
_EXACT = frozenset(
    {
        "LORA",
        "ADALORA",
        "LOHA",
        "LOKR",
        "VERA",
        "IA3",
        "MISS",
        "BONE",
        "RANDLORA",
        "HIRA",
        "WAVEFT",
        "FOURIERFT",
    }
)
MERGE_BYTES = 4 * 2**30


class Behaviour:
    """Measures one model. Everything happens inside a `preserved` block of the caller.

    `training`: the model is about to be trained, so that a trainable adapter may still be without effect.
    """

    def __init__(
        self,
        handle: Handle,
        layers: list[LayerState],
        inputs: Mapping[str, Any],
        part: PartReport,
        source: str,
        step: Callable[[str], None],
        training: bool = False,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.handle, self.layers, self.inputs, self.part = handle, layers, inputs, part
        self.training = training
        self.source, self.step = source, step
        self.places = places or {}
        self.model: Any = handle.model
        self.dtype = weight_dtype(self.model)
        self.names = handle.names(layers)
        self.notes: list[str] = []
        if is_mixture(handle):
            self.names = []
            self.notes.append("X-LoRA mixes its adapters: they are not compared one by one")
        self.outputs: dict[str, Output] = {}
        self.noise = 0.0
        #: the tensors that merging changes: themselves, their storage, a copy of their values
        self.base_weights: dict[int, tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = {}

    def finding(self, code: Code, message: str, adapter: str = "") -> Diagnostic:
        where = f"{self.handle.label}: " if self.handle.label else ""
        return code.finding(where + message, self.places.get(adapter, self.source))

    def gradients(self) -> Iterator[Diagnostic]:
        """Whether the output depends on the trainable parameters of the active adapters, in every layer."""
        if not all(layer.enabled for layer in self.layers):
            return  # said already, and the reason why nothing would be reached
        if any(layer.merged for layer in self.layers) and not self.training:
            return
        self.step("gradients")
        dead, count = layers_without_gradient(self.model, self.inputs, self.layers)
        if dead:
            message = f"no gradient reaches the active adapter in {len(dead)} of {count} layers: {some(dead)}"
            yield self.finding(codes.NO_GRADIENT, message)

    def outputs_by_adapter(self, reference: Output | None, snapshot: Snapshot | None) -> Iterator[Diagnostic]:
        """Each adapter against the base, merged (given a snapshot), against each other, and the way back."""
        if not self.names:
            return
        self.handle.activate(self.names[0])
        self.handle.enable_all()
        self.step("without adapters")
        with self.handle.disabled():
            base = run(self.model, self.inputs)
            self.noise = compare(base, run(self.model, self.inputs)).largest
        if self.noise > rounding(self.dtype, float(base.values.abs().max())):
            self.notes.append(
                "the model gives another output each time it is run: behaviour cannot be compared"
            )
            return
        if not base.finite:
            yield self.finding(
                codes.LOGITS_NOT_FINITE, "with adapters disabled the output holds NaN or infinite values"
            )
            return
        self._prepare_merging(snapshot)
        for name in self.names:
            self.step(f"adapter {name}")
            if name != self.names[0]:  # that one is active already
                self.handle.activate(name)
            self.outputs[name] = run(self.model, self.inputs)
            if self.base_weights and self.outputs[name].finite:
                yield from self._merging(name)
        yield from self._effects(base)
        yield from self._pairs()
        yield from self._way_back()
        if reference is not None:
            yield from self._against_reference(base, reference)

    def _effects(self, base: Output) -> Iterator[Diagnostic]:
        for adapter in self.part.adapters:
            output = self.outputs.get(adapter.name)
            if output is None:
                continue
            if not output.finite:
                yield self.finding(
                    codes.LOGITS_NOT_FINITE,
                    f"with {adapter.name} active the output holds NaN or infinite values",
                    adapter.name,
                )
                continue
            adapter.effect = compare(base, output)
            about_to_train = self.training and adapter.trainable
            if self._same(adapter.effect, adapter.method) and not about_to_train:
                yield self.finding(
                    codes.NO_EFFECT,
                    f"{adapter.name} has no effect: largest difference to the model without adapters "
                    f"{adapter.effect.largest:.2g}",
                    adapter.name,
                )

    def _same(self, comparison: Comparison, method: str = "LORA") -> bool:
        exact = method in _EXACT and not any(
            getattr(c, "use_dora", False) for c in self.handle.configs.values()
        )
        return comparison.largest <= max(
            self.noise, 0.0 if exact else rounding(self.dtype, comparison.scale) / 4
        )

    def _pairs(self) -> Iterator[Diagnostic]:
        effective = {a.name: a for a in self.part.adapters if a.effect and not self._same(a.effect, a.method)}
        for first, second in combinations(self.outputs, 2):
            comparison = compare(self.outputs[first], self.outputs[second])
            self.part.pairs[first, second] = comparison
            if first not in effective or second not in effective or comparison.largest > self.noise:
                continue
            # a reference adapter begins as a copy of the one that is about to be trained
            if not (self.training and (effective[first].trainable or effective[second].trainable)):
                yield self.finding(codes.IDENTICAL, f"{first} and {second} give the same output", second)

    def _way_back(self) -> Iterator[Diagnostic]:
        if len(self.outputs) < 2:
            return
        first = next(iter(self.outputs))
        self.step(f"back to {first}")
        self.handle.activate(first)
        comparison = compare(self.outputs[first], run(self.model, self.inputs))
        if comparison.largest > max(self.noise, rounding(self.dtype, comparison.scale)):
            others = some([name for name in self.outputs if name != first])
            yield self.finding(
                codes.SWITCH,
                f"{first}, then {others}, then {first} again: the output differs by {comparison.largest:.1e}",
            )

    def _against_reference(self, base: Output, reference: Output) -> Iterator[Diagnostic]:
        comparison = compare(reference, base)
        if comparison.largest > max(self.noise, rounding(self.dtype, comparison.scale)):
            yield self.finding(
                codes.NOT_BASE,
                "with adapters disabled the output differs from the base model's by "
                f"{comparison.largest:.1e}",
            )

    # merging

    def _prepare_merging(self, snapshot: Snapshot | None) -> None:
        """Copy the weights that merging changes, unless that is too much or not possible."""
        weights = {} if snapshot is None else {id(tensor): tensor for tensor in self.handle.base_weights()}
        size = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
        if size > MERGE_BYTES:
            self.notes.append(f"merging was not tried: it needs a copy of {size / 2**30:.0f} GB of weights")
        elif any(not tensor.is_floating_point() for tensor in weights.values()):
            self.notes.append("merging was not tried: the base is quantised")
        elif snapshot is not None:
            # copies made while an adapter was merged (for the way back to that state) are not the values to
            # merge into
            now = {
                identity: tensor.detach().clone()
                for identity, tensor in weights.items()
                if identity in snapshot.saved
            }
            snapshot.keep_values(weights.values())
            self.base_weights = {
                identity: (tensor, tensor.data, now.get(identity, snapshot.saved[identity][1]))
                for identity, tensor in weights.items()
            }

    def _merging(self, name: str) -> Iterator[Diagnostic]:
        """Merging must not change the output, and unmerging must bring it back, both but for rounding."""
        output = self.outputs[name]
        self.step(f"merging {name}")
        try:
            self.handle.merge(name)
            merged = compare(output, run(self.model, self.inputs))
            self.handle.unmerge()
            back = compare(output, run(self.model, self.inputs))
        except Exception as failure:  # what cannot be merged says so by all kinds of exceptions
            first = str(failure).strip().splitlines()[:1]
            self.notes.append(f"{name} cannot be merged: {type(failure).__name__}: {''.join(first)[:160]}")
            self.handle.forget_merges()
            return
        finally:
            with torch.no_grad():
                for tensor, data, values in self.base_weights.values():
                    tensor.data = data
                    tensor.data.copy_(values)
        next(a for a in self.part.adapters if a.name == name).merge = merged
        tolerance = max(
            self.noise, MERGE_TOLERANCE.get(self.dtype, 1e-1) * max(output.values.abs().max().item(), 1e-6)
        )
        if merged.largest > tolerance:
            yield self.finding(
                codes.MERGE,
                f"merging {name} changes the output by {merged.largest:.1e} (rounding explains "
                f"{tolerance:.1e})",
                name,
            )
        elif back.largest > tolerance:
            yield self.finding(
                codes.UNMERGE, f"after unmerging {name} the output differs by {back.largest:.1e}", name
            )
