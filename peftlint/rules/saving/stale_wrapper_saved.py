"""The merged model has a name of its own, but the old PeftModel is saved: the saved adapter is empty.

## What it does
Flags `model.save_pretrained(...)` / `push_to_hub` on a PeftModel after `merged = model.merge_and_unload()`.

## Why is this bad?
Merging empties the PeftModel: what is saved through it is an adapter with no tensors (measured: 0 tensors,
and what is loaded from it equals the base model). The merged weights are in `merged`.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
merged = model.merge_and_unload()
model.save_pretrained("merged")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
merged = model.merge_and_unload()
merged.save_pretrained("merged")
```

## Fix safety
Safe: the save is called on the variable that holds the merged model.

## When not to worry
Saving the adapter before merging, and saving the raw base variable after merging (it is the merged model),
are right.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/2032
- https://github.com/huggingface/peft/issues/2054
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import Merged, ResultAssigned, Saved
from peftlint.semantics.records import Wrapper
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class StaleWrapperSaved(Rule):
    code = "PEFT502"
    name = "stale-wrapper-saved"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Saved):
            bad = [event for event in site if self._is_shell(analysis, event)]
            if not bad or analysis.explained(bad[0]):
                continue
            event = bad[0]
            merge = event.spent
            if merge is None or not analysis.must(site, event, bad, merge):
                continue
            target = next((a.target for a in analysis.all(ResultAssigned) if a.node is merge.node), None)
            trace = [
                analysis.step("the adapter is merged here, and the PeftModel is emptied", merge),
                analysis.step("the empty PeftModel is saved here", event),
            ]
            message = f"{words.receiver(event)} was emptied by `merge_and_unload()`: an adapter with no weights is saved"
            help = (
                f"save the merged model: `{target}.save_pretrained(...)`"
                if target
                else "save the merged model"
            )
            yield self.report(event, message, help, trace, self._fix(analysis, event, target))
            analysis.explain(event)

    def _is_shell(self, analysis: Analysis, event: Saved) -> bool:
        record = analysis.interpreter.record_of(Reference(event.handle)) if event.handle is not None else None
        merged = isinstance(event.spent, Merged) and event.through == "peft"
        return merged and isinstance(record, Wrapper) and not event.expected_failure

    def _fix(self, analysis: Analysis, event: Saved, target: str | None) -> Fix | None:
        call = event.call
        if call is None or call.receiver_node is None or not target:
            return None
        merge = event.spent
        if merge is None or merge.stack != event.stack or merge.syntax is not event.syntax:
            return None
        if event.syntax.context(merge.node) != event.syntax.context(event.node):
            return None
        edits = text.replace(event.syntax, call.receiver_node, target)
        return make_fix(event, f"Save `{target}`", Applicability.SAFE, edits)
