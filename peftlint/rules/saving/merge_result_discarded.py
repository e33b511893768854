"""The result of merge_and_unload() is dropped, and the old wrapper is saved: the saved adapter is empty.

## What it does
Flags `model.merge_and_unload()` (or `unload()`) as a statement of its own, where the PeftModel is saved,
pushed, trained or loaded into afterwards.

## Why is this bad?
The method merges in place and *returns* the plain model. The PeftModel is an empty shell then:
`save_pretrained` writes an adapter with no tensors (measured: 0 tensors, and what is loaded from it equals
the base model), training finds no parameter, and an adapter that is loaded into it comes on top of the merged
weights. Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.merge_and_unload()
model.save_pretrained("merged")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model = model.merge_and_unload()
model.save_pretrained("merged")
```

## Fix safety
Safe: the result is assigned to the same variable.

## When not to worry
A dropped result is right where only forward passes follow (the merge is in place), or where the raw base
variable is used next.

## Releases
All releases; peft's own guide had this mistake until 2025.

## References
- https://github.com/huggingface/peft/pull/2871
- https://github.com/huggingface/peft/issues/2032
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    Event,
    Merged,
    Saved,
    Trained,
    TrainerBuilt,
    Wrapped,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class MergeResultDiscarded(Rule):
    code = "PEFT501"
    name = "merge-result-discarded"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Merged):
            # a PeftModel that is only told from the method counts for less than one that the program makes
            event = next((e for e in site if e.before is not None and e.before.wrapped_by), site[0])
            if (
                event.how == "in place"
                or event.call is None
                or not event.call.discarded
                or event.expected_failure
            ):
                continue
            use = self._shell_used(analysis, event)
            if use is None or not analysis.certain(use, event):
                continue
            trace = [
                analysis.step(
                    "the adapter is merged here; the plain model that is returned is dropped", event
                ),
                analysis.step(f"the empty PeftModel is {_what(use)} here", use),
            ]
            name = event.call.callee.partition(":")[2]
            message = f"the result of `{name}()` is dropped: {words.receiver(event)} is an empty shell when it is {_what(use)}"
            yield self.report(
                event, message, "keep the result: `model = model.merge_and_unload()`", trace, self._fix(event)
            )
            analysis.explain(event, *self._shell_uses(analysis, event))

    def _shell_used(self, analysis: Analysis, event: Merged) -> Event | None:
        return next(iter(self._shell_uses(analysis, event)), None)

    def _shell_uses(self, analysis: Analysis, event: Merged) -> list[Event]:
        return [
            use
            for use in analysis.all(Saved, Trained, TrainerBuilt, AdapterLoaded, AdapterAdded, Wrapped)
            if use.after(event)
            and use.handle == event.wrapper
            and event.wrapper is not None
            and not use.expected_failure
        ]

    def _fix(self, event: Merged) -> Fix | None:
        call = event.call
        if call is None or call.receiver_node is None:
            return None
        receiver = event.syntax.text(call.receiver_node).removesuffix(".base_model")
        if not all(part.isidentifier() for part in receiver.split(".")):
            return None
        edits = text.replace(event.syntax, call.node, f"{receiver} = {event.syntax.text(call.node)}")
        return make_fix(event, "Keep the merged model", Applicability.SAFE, edits)


def _what(use: Event) -> str:
    match use:
        case Saved(how="push_to_hub"):
            return "pushed"
        case Saved():
            return "saved"
        case Trained() | TrainerBuilt():
            return "trained"
        case Wrapped():
            return "wrapped"
    return "given another adapter"
