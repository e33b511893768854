"""The optimizer is built before the adapter exists: no adapter parameter is ever updated.

## What it does
Flags an optimizer over a model's parameters that is built before the adapter is added (`get_peft_model`,
`add_adapter`, `load_adapter`, `PeftModel.from_pretrained`) and steps afterwards.

## Why is this bad?
The optimizer holds the parameters that existed when it was built. The adapter's are not among them: the loss
is computed, `step()` runs, and no adapter weight changes (measured: all equal before and after). Nothing
warns.

## Example
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
optimizer = torch.optim.AdamW(model.parameters())
model = get_peft_model(model, LoraConfig())
for batch in batches:
    model(**batch).loss.backward()
    optimizer.step()
```

## Use instead
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(model, LoraConfig())
optimizer = torch.optim.AdamW(model.parameters())
for batch in batches:
    model(**batch).loss.backward()
    optimizer.step()
```

## Fix safety
No fix: what is built from the optimizer moves with it.

## When not to worry
`optimizer.add_param_group(...)` after wrapping, a second optimizer that is built after it, an optimizer of
another model.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/2759
- https://github.com/huggingface/transformers/issues/32084
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules.base import Rule
from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    Event,
    MethodCalled,
    OptimizerBuilt,
    Trained,
    Wrapped,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class OptimizerBeforeAdapter(Rule):
    code = "PEFT403"
    name = "optimizer-before-adapter"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(OptimizerBuilt):
            # one event for each model; none on a path on which no parameter passed the conditions of a loop
            for event in site:
                finding = self._stepped_without(analysis, event)
                if finding is not None:
                    yield finding
                    analysis.explain(event)
                    break

    def _stepped_without(self, analysis: Analysis, event: OptimizerBuilt) -> Diagnostic | None:
        added = self._adapter_after(analysis, event)
        if added is None or analysis.explained(event, added):
            return None
        step = next((t for t in analysis.on(event.network, Trained) if t.after(added)), None)
        if step is None or not analysis.certain(step, added):
            return None
        trace = [
            analysis.step("the optimizer takes the parameters that exist here", event),
            analysis.step("the adapter's parameters are made here", added),
            analysis.step("the optimizer steps without them", step),
        ]
        message = (
            "the optimizer is built before the adapter exists: no adapter parameter will ever be updated"
        )
        return self.report(event, message, "build the optimizer after the adapter was added", trace)

    def _adapter_after(self, analysis: Analysis, event: OptimizerBuilt) -> Event | None:
        """The adapter that is added after the optimizer was built, if no later optimizer takes it in."""
        network = event.before
        if network is None or event.expected_failure or network.uncertain:
            return None
        added: Wrapped | AdapterAdded | AdapterLoaded
        for added in analysis.on(event.network, Wrapped, AdapterAdded, AdapterLoaded):
            if not added.after(event) or not analysis.certain(added, event):
                continue
            adapter = added.adapter
            if adapter is not None and adapter.trainable is False:
                continue
            if isinstance(added, AdapterLoaded) and added.replaced is not None:
                # the parameters stay, only their values change
                continue
            if any(other.after(added) for other in analysis.on(event.network, OptimizerBuilt)):
                return None
            if self._parameters_added(analysis, event, added):
                return None
            return added
        return None

    def _parameters_added(self, analysis: Analysis, event: OptimizerBuilt, added: Event) -> bool:
        """`optimizer.add_param_group(...)` after the adapter was added."""
        return any(
            called.method == "add_param_group" and called.after(added) and called.handle == event.identity
            for called in analysis.all(MethodCalled)
        )
