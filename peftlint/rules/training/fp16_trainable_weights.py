"""Trainable weights in float16 meet a gradient scaler.

## What it does
Flags adapters whose trainable weights are float16, because the base was loaded in float16, in code that
trains them with a `GradScaler` (of its own, or that of a Trainer with `fp16=True`): all LoRA weights with peft
before 0.12, and in every release those of transformers' own `add_adapter` and the copies made for
`modules_to_save`.

## Why is this bad?
The scaler refuses such weights: `ValueError: Attempting to unscale FP16 gradients.` (measured with a scaler of one's own;
for a Trainer with `fp16=True`, which asks for a GPU, documented and not proved)

## Example
```python
import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float16)
model.add_adapter(LoraConfig())
optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
scaler = torch.amp.GradScaler()
scaler.scale(model(**batch).loss).backward()
scaler.step(optimizer)
```

## Use instead
```python
import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float16)
model.add_adapter(LoraConfig())
for parameter in model.parameters():
    if parameter.requires_grad:
        parameter.data = parameter.data.float()
optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
scaler = torch.amp.GradScaler()
scaler.scale(model(**batch).loss).backward()
scaler.step(optimizer)
```

## Fix safety
No fix: bfloat16, or `cast_mixed_precision_params(model, dtype=torch.float16)` for a PeftModel, are other
ways.

## When not to worry
bfloat16, weights that are cast to float32, training without a scaler, inference. Since peft 0.12
`get_peft_model` casts LoRA weights itself.

## Releases
All releases; plain LoRA weights of a PeftModel: peft before 0.12.

## References
- https://github.com/huggingface/peft/issues/341
- https://github.com/huggingface/peft/issues/1249
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules.base import Rule
from peftlint.semantics.events import (
    AdapterAdded,
    Event,
    FunctionCalled,
    MethodCalled,
    Trained,
    WeightsPatched,
    Wrapped,
)
from peftlint.semantics.records import Instance, Network, Trainer
from peftlint.semantics.values import NONE, TRUE, Library, Sequence

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_HALF = (Library("torch.float16"), Library("torch.half"))
_CASTS = ("float", "to", "bfloat16", "double", "half")


class Fp16TrainableWeights(Rule):
    code = "PEFT408"
    name = "fp16-trainable-weights"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        scaled = any(
            isinstance(record, Instance)
            and str(record.cls).endswith(".GradScaler")
            and record.attribute("enabled") is None
            for record in analysis.interpreter.records.values()
        )
        for site in analysis.sites(Wrapped, AdapterAdded):
            for event in site:
                sink = self._trained_in_half(analysis, event, scaled)
                if sink is None or analysis.explained(event):
                    continue
                trace = [
                    analysis.step("the adapter's trainable weights are float16 like the base", event),
                    analysis.step("they are trained here, with a gradient scaler", sink),
                ]
                message = (
                    "trainable weights are float16 here: "
                    "the gradient scaler raises `Attempting to unscale FP16 gradients`"
                )
                yield self.report(
                    event, message, "cast the trainable weights to float32, or use bfloat16", trace
                )
                analysis.explain(event)
                break

    def _trained_in_half(
        self, analysis: Analysis, event: Wrapped | AdapterAdded, scaled: bool
    ) -> Trained | None:
        network = event.before
        if network is None or network.uncertain or event.expected_failure or not _loaded_in_half(network):
            return None
        if not self._stays_half(analysis, event) or self._cast(analysis, event):
            return None
        for sink in analysis.on(event.network, Trained):
            if sink.before is None or sink.before.uncertain or not sink.after(event) or sink.expected_failure:
                continue
            if not (self._by_scaling_trainer(analysis, sink) if sink.how == "trainer" else scaled):
                continue
            learning = any(a.trainable is True for a in sink.before.active_adapters())
            if learning and analysis.certain(sink, event):
                return sink
        return None

    def _by_scaling_trainer(self, analysis: Analysis, sink: Trained) -> bool:
        """Is it a Trainer that is asked for mixed precision in float16?"""
        trainer = analysis.interpreter.records.get(sink.trainer or 0)
        settings = dict(trainer.arguments).get("args") if isinstance(trainer, Trainer) else None
        record = analysis.interpreter.record_of(settings)
        return isinstance(record, Instance) and record.attribute("fp16") == TRUE

    def _stays_half(self, analysis: Analysis, event: Wrapped | AdapterAdded) -> bool:
        """Do weights that are trained keep the type of the base?"""
        if isinstance(event, AdapterAdded) and event.api == "transformers":
            return event.config is not None
        if isinstance(event, AdapterAdded) or event.how != "config" or event.config is None:
            return False
        copies = event.config.argument("modules_to_save")
        return analysis.targets.peft.every(">=0.7,<0.12") or (
            isinstance(copies, Sequence) and bool(copies.items)
        )

    def _cast(self, analysis: Analysis, event: Event) -> bool:
        """May somebody have changed the type of the weights?"""
        for called in analysis.on(event.network, MethodCalled):
            if called.method in _CASTS and called.call is not None:
                given = (*called.call.extra, *called.call.arguments.values(), *called.call.unknown.values())
                if called.method != "to" or any(isinstance(value, Library) for value in given):
                    return True
        if any(True for _ in analysis.on(event.network, WeightsPatched)):
            return True
        return any(
            called.callee.endswith(("cast_mixed_precision_params", "cast_training_params"))
            for called in analysis.all(FunctionCalled)
        )


def _loaded_in_half(network: Network) -> bool:
    call = network.created.call if network.created is not None else None
    if (
        call is None
        or call.value("quantization_config") not in (None, NONE)
        or call.unknown.get("quantization_config") is not None
    ):
        return False
    return any(
        call.unknown.get(name) in _HALF or call.value(name) in _HALF for name in ("dtype", "torch_dtype")
    )
