"""A model is wrapped for parallel training first, and given its adapter afterwards.

## What it does
Flags `get_peft_model` and `PeftModel.from_pretrained` on a model that is already inside `DataParallel`,
`DistributedDataParallel` or `FullyShardedDataParallel`.

## Why is this bad?
The parallel wrapper hides the model. With a task type PEFT does not find its methods (measured:
`AttributeError: 'DataParallel' object has no attribute 'prepare_inputs_for_generation'`); without one, the
adapter is saved under names with `module.`, and loading it loads nothing (measured: all zero on a fresh
base).

## Example
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = torch.nn.DataParallel(base)
model = get_peft_model(model, LoraConfig())
```

## Use instead
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
model = torch.nn.DataParallel(model)
```

## Fix safety
No fix: what is saved changes its place too (`model.module.save_pretrained`).

## When not to worry
Wrapping `parallel.module`, and parallel wrappers around the PeftModel, also those that accelerate and the
Trainer add, are right.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/114
- https://github.com/huggingface/peft/issues/1296
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import Wrapped
from peftlint.semantics.records import Instance
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_PARALLEL = ("DataParallel", "DistributedDataParallel", "FullyShardedDataParallel")


class ParallelBeforeAdapter(Rule):
    code = "PEFT410"
    name = "parallel-before-adapter"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped):
            bad = [event for event in site if self._parallel(analysis, event) is not None]
            if not bad:
                continue
            event = bad[0]
            parallel = event.before.parallel if event.before is not None else None
            if parallel is None or not analysis.must(site, event, bad, parallel) or analysis.explained(event):
                continue
            wrapper = self._parallel(analysis, event)
            model = words.argument(event, "model")
            trace = [
                analysis.step(f"the model is put into a {wrapper} here", parallel),
                analysis.step("the adapter is added to that here", event),
            ]
            message = (
                f"{f'`{model}`' if model else 'the model'} is inside a {wrapper}: "
                "PEFT fails, or saves the adapter under names that nothing loads"
            )
            yield self.report(event, message, f"add the adapter first, then wrap it in {wrapper}", trace)
            analysis.explain(event)

    def _parallel(self, analysis: Analysis, event: Wrapped) -> str | None:
        """The class of the parallel wrapper that is given to PEFT."""
        if event.handle is None or event.expected_failure or event.how not in ("config", "checkpoint"):
            return None
        record = analysis.interpreter.record_of(Reference(event.handle))
        if isinstance(record, Instance) and isinstance(record.cls, str):
            last = record.cls.rpartition(".")[2]
            return last if last in _PARALLEL else None
        return None
