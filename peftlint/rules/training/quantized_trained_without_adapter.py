"""A model in 4 or 8 bits is given to a trainer without an adapter.

## What it does
Flags trainers of transformers and TRL around a model that bitsandbytes quantised and that has no adapter,
where no `peft_config` is given either.

## Why is this bad?
Quantised weights cannot be trained. The trainer raises `ValueError: You cannot perform fine-tuning on purely
quantized models` (seen with transformers 5.23, 4 and 8 bits), often after a long download.
`prepare_model_for_kbit_training` adds no adapter.

## Example
```python
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer

model = AutoModelForCausalLM.from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_4bit=True))
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer

model = AutoModelForCausalLM.from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_4bit=True))
model = get_peft_model(prepare_model_for_kbit_training(model), LoraConfig(task_type="CAUSAL_LM"))
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
No fix: the adapter's settings are the author's to choose.

## When not to worry
A quantised teacher or reference model, evaluation without a trainer, adapters of transformers' own
(`model.add_adapter`).

## Releases
All releases of transformers since 4.31.

## References
- https://github.com/huggingface/transformers/issues/27702
- https://github.com/unslothai/unsloth/issues/241
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.quantised import quantised_by
from peftlint.semantics.events import Event, TrainerBuilt
from peftlint.semantics.values import NONE

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class QuantizedTrainedWithoutAdapter(Rule):
    code = "PEFT411"
    name = "quantized-trained-without-adapter"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(TrainerBuilt):
            bad = [event for event in site if self._loaded(analysis, event) is not None]
            if not bad:
                continue
            event, loaded = bad[0], self._loaded(analysis, bad[0])
            if loaded is None or analysis.explained(event) or not analysis.must(site, event, bad, loaded):
                continue
            trace = [
                analysis.step("the weights are quantised here", loaded),
                analysis.step("the trainer gets the model without an adapter here", event),
            ]
            model = words.argument(event, "model") or "the model"
            message = (
                f"`{model}` is quantised and has no adapter: "
                f"{event.class_name} raises, because there is nothing that it could train"
            )
            yield self.report(event, message, "add an adapter with `get_peft_model` first", trace)
            analysis.explain(event)

    def _loaded(self, analysis: Analysis, event: TrainerBuilt) -> Event | None:
        network, call = event.before, event.call
        if (
            network is None
            or network.adapters
            or network.wrappers
            or not network.closed
            or event.expected_failure
        ):
            return None
        if (
            call is None
            or call.open
            or event.handled
            or not call.callee.startswith(("transformers.", "trl."))
        ):
            return None
        if event.peft_config is not None and event.peft_config != NONE:
            return None
        return quantised_by(analysis, network)
