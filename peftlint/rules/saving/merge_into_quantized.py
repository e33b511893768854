"""An adapter is merged into weights of 4 or 8 bits: the result does not answer as the adapter did.

## What it does
Flags `merge_and_unload()` on a model whose base was loaded in 4 or 8 bits, if the result is saved.

## Why is this bad?
Merging rounds adapter and base together to 4 or 8 bits, and much of what the adapter learned is lost in the
rounding (measured: logits with a standard deviation of 2.3 move by up to 10.7 with 4 bits, 0.26 with 8 bits).
PEFT warns once; releases before 0.6 raise.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

base = AutoModelForCausalLM.from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_4bit=True))
model = PeftModel.from_pretrained(base, "adapter").merge_and_unload()
model.save_pretrained("merged")
```

## Use instead
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "adapter").merge_and_unload()
model.save_pretrained("merged")
```

## Fix safety
No fix: save the adapter, load the base again in bfloat16, merge, and quantise the merged model if it has to
be small.

## When not to worry
After `dequantize()`, on a second base in full precision, for `unload()`.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/2321
- https://github.com/huggingface/peft/issues/638
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.quantised import quantised_by
from peftlint.semantics.events import Event, Merged, Saved

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class MergeIntoQuantized(Rule):
    code = "PEFT503"
    name = "merge-into-quantized"
    severity = Severity.WARNING

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Merged):
            bad = [event for event in site if self._loaded(analysis, event) is not None]
            if not bad:
                continue
            event, loaded = bad[0], self._loaded(analysis, bad[0])
            if loaded is None or analysis.explained(event) or not analysis.must(site, event, bad, loaded):
                continue
            trace = [
                analysis.step("the weights are quantised here", loaded),
                analysis.step("the adapter is merged into them here", event),
            ]
            message = (
                f"{words.receiver(event)} has quantised weights: merging rounds the adapter away in part"
            )
            yield self.report(
                event, message, "merge into the base model loaded in bfloat16, then quantise", trace
            )

    def _loaded(self, analysis: Analysis, event: Merged) -> Event | None:
        network = event.before
        if event.how != "unload" or network is None or not network.adapters or event.expected_failure:
            return None
        if not any(
            save.after(event) and save.through == "network" for save in analysis.on(event.network, Saved)
        ):
            # merged to be run, not to be kept: some measure just that
            return None
        return quantised_by(analysis, network)
