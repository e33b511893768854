"""Whether an optimizer holds the parameters that are to be trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.live import codes
from peftlint.runtime.live.status_checks import some


def check_optimizer(model: nn.Module, optimizer: Any, source: str) -> Iterator[Diagnostic]:
    """PEFT641 for trainable parameters in no group, PEFT642 for parameters that are not the model's."""
    held = {id(parameter): parameter for group in optimizer.param_groups for parameter in group["params"]}
    missing = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and id(parameter) not in held
    ]
    if missing:
        yield codes.OPTIMIZER.finding(
            f"{len(missing)} trainable parameters are in no group of the optimizer: {some(missing)}", source
        )
    own = {id(parameter) for parameter in model.parameters()}
    strange = sum(identity not in own for identity in held)
    if strange:
        yield codes.OPTIMIZER_STALE.finding(
            f"{strange} of {len(held)} parameters in the optimizer are not the model's", source
        )
