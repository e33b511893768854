"""`check(model)`: state, gradients and behaviour of a model with adapters, which is left as it was found."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from peftlint.runtime.live import codes, probe
from peftlint.runtime.live.behaviour import Behaviour
from peftlint.runtime.live.caches import stale_cache
from peftlint.runtime.live.handles import Handle, PeftHandle, handles_of, inner_model
from peftlint.runtime.live.layers import LayerState, adapter_of
from peftlint.runtime.live.optimizers import check_optimizer
from peftlint.runtime.live.outputs import Output, run
from peftlint.runtime.live.preserve import Snapshot, preserved
from peftlint.runtime.live.report import AdapterReport, PartReport, Report
from peftlint.runtime.live.status_checks import StatusChecks, parameters_of_method

Progress = Callable[[int, int, str], None]


def check(
    model: Any,
    *,
    inputs: Mapping[str, Any] | None = None,
    reference: nn.Module | torch.Tensor | None = None,
    training: bool | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    behaviour: bool = True,
    merge: bool = True,
    source: str = "<model>",
    places: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a PeftModel, a transformers or diffusers model with adapters, a module with injected layers, or a
    pipeline.

    `inputs`: the arguments of forward for the probe; made from the model's config if not given. `reference`:
    the untouched base model, or its output on the probe. `training`: whether the model is about to be trained
    (None: if it is in train mode). `optimizer`: must hold every trainable parameter. `behaviour=False` runs
    nothing, `merge=False` does not merge (which needs a copy of the adapted weights). `source` names the
    model in findings; `places` name single adapters there, by the folders that they come from.

    The model is left as it was found: values, requires_grad, gradients, modes, active and merged adapters,
    random state. If that fails, the report has the finding PEFT635. Raises TypeError for something that is no
    model.
    """
    started = time.monotonic()
    report = Report(source)
    handles = handles_of(model)
    count = Counter(progress, sum(6 + 2 * len(handle.configs) for handle in handles))
    for handle in handles:
        _check_part(handle, report, inputs, reference, training, behaviour, merge, places or {}, count)
    if optimizer is not None:
        for handle in handles:
            report.diagnostics.extend(check_optimizer(handle.model, optimizer, source))
    if progress:
        progress(count.total, count.total, "done")
    report.seconds = time.monotonic() - started
    return report


class Counter:
    """Calls `progress(done, total, what)` with a growing `done`."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, max(total, 1), 0

    def __call__(self, what: str) -> None:
        if self.progress:
            self.progress(min(self.done, self.total), self.total, what)
        self.done += 1


def _check_part(
    handle: Handle,
    report: Report,
    inputs: Mapping[str, Any] | None,
    reference: nn.Module | torch.Tensor | None,
    training: bool | None,
    behaviour: bool,
    merge: bool,
    places: Mapping[str, str],
    step: Callable[[str], None],
) -> None:
    step("state of the layers")
    layers = handle.layers()
    checks = StatusChecks(handle, layers, report.source, training, places)
    report.diagnostics.extend(checks.all())
    part = _part(handle, layers)
    report.parts.append(part)
    no_adapter = any(d.code == codes.NO_ADAPTER.code for d in report.diagnostics)
    if not behaviour or not part.adapters or no_adapter:
        return
    if any("meta" in device for adapter in part.adapters for device in adapter.devices):
        report.notes.append("behaviour was not tried: some parameters have no values (meta device)")
        return
    try:
        batch = _batch(handle.model, inputs)
    except probe.NoProbe as failure:
        report.notes.append(f"behaviour was not tried: {failure}")
        return
    step("recording the state")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        roots = [handle.model, *([reference] if isinstance(reference, nn.Module) else [])]
        with preserved(roots) as snapshot:
            trial = Behaviour(handle, layers, batch, part, report.source, step, checks.training, places)
            _measure(trial, report, reference, merge, snapshot)
    step("comparing the state")
    left = snapshot.differences()
    if left:
        report.diagnostics.append(checks.finding(codes.NOT_RESTORED, f"not as before: {', '.join(left[:5])}"))


def _measure(
    trial: Behaviour,
    report: Report,
    reference: nn.Module | torch.Tensor | None,
    merge: bool,
    snapshot: Snapshot,
) -> None:
    handle = trial.handle
    try:
        handle.model.eval()
        report.diagnostics.extend(trial.gradients())
        if any(layer.merged for layer in trial.layers):
            snapshot.keep_values(handle.base_weights())
            handle.unmerge()
        report.diagnostics.extend(
            trial.outputs_by_adapter(_reference(reference, trial.inputs), snapshot if merge else None)
        )
        trial.step("a cache kept over a switch")
        if trial.names:
            trial.part.stale_cache = stale_cache(handle, trial.names[0], trial.inputs)
    except Exception as failure:  # the user's model may raise anything on a probe
        first = str(failure).strip().splitlines()[:1]
        report.notes.append(
            f"the probe failed, behaviour was not tried: {type(failure).__name__}: {''.join(first)[:300]}"
        )
    report.notes.extend(trial.notes)


def _reference(reference: nn.Module | torch.Tensor | None, batch: Mapping[str, Any]) -> Output | None:
    if isinstance(reference, nn.Module):
        return run(reference.eval(), probe.to_device(batch, reference))
    if isinstance(reference, torch.Tensor):
        return Output(reference.detach().cpu().float(), distribution=True)
    return None


def _batch(model: Any, inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The probe on the model's device; one row only where the model needs padding to take two."""
    if inputs is not None:
        return probe.to_device(inputs, model)
    config = getattr(model, "config", None)
    pad = getattr(config, "pad_token_id", None)
    heads = "SequenceClassification" in type(inner_model(model)).__name__
    return probe.to_device(probe.made_for(model, rows=1 if heads and pad is None else 2), model)


def _part(handle: Handle, layers: list[LayerState]) -> PartReport:
    model: Any = handle.model
    active = handle.active(layers)
    if (
        not active
        and isinstance(getattr(model, "active_adapter", None), str)
        and isinstance(handle, PeftHandle)
    ):
        active = [model.active_adapter]
    part = PartReport(
        handle.label,
        handle.kind,
        type(inner_model(model)).__name__,
        layers,
        active=active,
        status=_status(model),
    )
    enabled = {layer.enabled for layer in layers}
    part.enabled = "some" if len(enabled) == 2 else next(iter(enabled), True)
    parameters = list(model.parameters())
    part.parameters = sum(p.numel() for p in parameters)
    part.trainable_parameters = sum(p.numel() for p in parameters if p.requires_grad)
    for name in handle.names(layers):
        part.adapters.append(
            _adapter_report(handle, name, [layer for layer in layers if name in layer.adapters], active)
        )
    return part


def _adapter_report(handle: Handle, name: str, layers: list[LayerState], active: list[str]) -> AdapterReport:
    states = [layer.adapters[name] for layer in layers]
    kind = getattr(handle.configs.get(name), "peft_type", "")
    method = str(getattr(kind, "value", kind)) or "unknown"
    if not states:  # AdaptionPrompt replaces whole attention modules
        states = [adapter_of([p for _, p in parameters_of_method(handle.model, method)])]
    trainable = {state.trainable for state in states if state.parameters}
    return AdapterReport(
        name=name,
        method=method,
        layers=len(layers),
        parameters=sum(state.parameters for state in states),
        active=name in active,
        merged=any(name in layer.merged for layer in layers),
        trainable="some" if len(trainable) == 2 else next(iter(trainable), False),
        devices=tuple(sorted({device for state in states for device in state.devices})),
        dtypes=tuple(sorted({dtype for state in states for dtype in state.dtypes})),
    )


def _status(model: Any) -> dict[str, Any]:
    """peft's own `get_model_status`, as plain data; empty where peft has none for this model."""
    try:
        from dataclasses import asdict

        from peft import get_model_status

        return {
            name: value
            for name, value in asdict(get_model_status(model)).items()
            if isinstance(value, str | int | bool | list | dict)
        }
    except Exception:  # ImportError (peft < 0.11), ValueError (no layers), TypeError (prompt methods)
        return {}
