"""A transformers TrainerCallback that watches whether the adapter is really trained and really saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import TrainerCallback

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.live import codes
from peftlint.runtime.live.check import check
from peftlint.runtime.live.handles import handle_of, uncompiled
from peftlint.runtime.live.layers import adapter_names, adapter_parameters
from peftlint.runtime.live.optimizers import check_optimizer
from peftlint.runtime.live.preserve import checksum
from peftlint.runtime.live.saved import compare_with_files
from peftlint.runtime.live.status_checks import some

_SOURCE = "<trainer>"


class AdapterWarning(UserWarning):
    """A finding about the adapters of the model in training."""


class AdapterError(RuntimeError):
    """The same, where findings are to stop the run; `diagnostics` holds them."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(f"{d.code} {d.name}: {d.message} ({d.help})" for d in diagnostics))
        self.diagnostics = diagnostics


class PeftlintCallback(TrainerCallback):
    """`Trainer(..., callbacks=[PeftlintCallback()])`.

    At the beginning: something is trainable and the optimizer holds it. After `steps` optimizer steps with a
    learning rate above zero: every active adapter's weights moved. At each save: the files hold them.
    `on_finding="raise"` raises `AdapterError`, "warn" (the default) warns once for each finding. The model is
    not run and not changed.
    """

    def __init__(self, on_finding: Literal["warn", "raise"] = "warn", steps: int = 2) -> None:
        if on_finding not in ("warn", "raise"):
            raise ValueError(f"on_finding must be 'warn' or 'raise', not {on_finding!r}")
        self.on_finding, self.steps = on_finding, steps
        self.diagnostics: list[Diagnostic] = []
        self._before: dict[str, dict[str, tuple[int, ...]]] | None = None
        self._moving_steps = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Status and optimizer."""
        model = _unwrapped(kwargs["model"])
        found = check(model, behaviour=False, training=True, source=_SOURCE).diagnostics
        if (optimizer := kwargs.get("optimizer")) is not None:
            found.extend(check_optimizer(model, optimizer, _SOURCE))
        self._before = _checksums(model)
        self._moving_steps = 0
        self._say(found)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Did the weights move?"""
        optimizer = kwargs.get("optimizer")
        if self._before is None or optimizer is None:
            return
        # warm-up begins with a rate of zero: such a step moves nothing, rightly
        self._moving_steps += any(float(group["lr"]) > 0 for group in optimizer.param_groups)
        if self._moving_steps < max(1, self.steps):
            return
        now = _checksums(_unwrapped(kwargs["model"]))
        before, self._before = self._before, None
        still = [name for name, sums in before.items() if sums and now.get(name) == sums]
        if still:
            self._say(
                [
                    codes.NOT_MOVED.finding(
                        f"{some(still)}: no weight changed in {self._moving_steps} optimizer steps", _SOURCE
                    )
                ]
            )

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Compare the checkpoint with the model in memory."""
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if state.is_world_process_zero and folder.is_dir():
            self._say(list(compare_with_files(_unwrapped(kwargs["model"]), folder)))

    def _say(self, found: Iterable[Diagnostic]) -> None:
        known = {(d.code, d.message) for d in self.diagnostics}
        new = [d for d in found if (d.code, d.message) not in known]
        self.diagnostics.extend(new)
        if new and self.on_finding == "raise":
            raise AdapterError(new)
        for diagnostic in new:
            warnings.warn(
                f"{diagnostic.code} {diagnostic.name}: {diagnostic.message} ({diagnostic.help})",
                AdapterWarning,
                stacklevel=3,
            )


def _unwrapped(model: nn.Module) -> nn.Module:
    """The model inside DataParallel, DistributedDataParallel and torch.compile."""
    while True:
        parallel = type(model).__name__.endswith("DataParallel")
        inner = model.module if parallel else uncompiled(model)
        if inner is model or not isinstance(inner, nn.Module):
            return model
        model = inner


@torch.no_grad()
def _checksums(model: nn.Module) -> dict[str, dict[str, tuple[int, ...]]]:
    """For each active adapter the checksums of its parameters; they tell whether training moved anything."""
    handle = handle_of(model)
    layers = handle.layers()
    active = set(handle.active(layers)) & set(adapter_names(layers))
    found: dict[str, dict[str, tuple[int, ...]]] = {name: {} for name in sorted(active)}
    for layer in layers:
        for name in layer.in_use:
            if name in found:
                own = adapter_parameters(layer)
                found[name].update(
                    {f"{layer.name}.{index}": checksum(parameter) for index, parameter in enumerate(own)}
                )
    return found
