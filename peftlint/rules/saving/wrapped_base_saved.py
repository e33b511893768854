"""The inner model of a PeftModel is saved: nothing can load its keys.

## What it does
Flags `save_pretrained` / `push_to_hub` on `model.base_model`, `model.base_model.model`,
`model.get_base_model()` or the base variable while the adapter is in its layers.

## Why is this bad?
The weights are written under wrapped names (`q_proj.base_layer.weight`, `q_proj.lora_A.default.weight`).
`from_pretrained` finds no `q_proj.weight`, and the targeted layers come back random (measured: the folder,
loaded again, is neither the base nor the adapter). There is a line in the log, and no error.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.base_model.save_pretrained("deploy")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.save_pretrained("deploy")  # the adapter; or model.merge_and_unload().save_pretrained("deploy")
```

## Fix safety
Unsafe: the adapter is saved; a whole model may have been meant. No fix for the base variable, nor while the
adapter is merged in place.

## When not to worry
After `merge_and_unload()` or `unload()`, before wrapping, and for adapters of transformers' own
(`model.add_adapter`), whose `save_pretrained` writes the adapter.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/2105
- https://github.com/huggingface/peft/issues/1381
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import Saved

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class WrappedBaseSaved(Rule):
    code = "PEFT509"
    name = "wrapped-base-saved"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Saved):
            bad = [event for event in site if self._is_inner(event)]
            if not bad or any(event.before is None or event.before.uncertain for event in site):
                # on some path somebody took the layers apart
                continue
            event = bad[0]
            assert event.before is not None
            wrap = event.before.wrapped_by
            if wrap is None or analysis.explained(event) or not analysis.must(site, event, bad, wrap):
                continue
            trace = [
                analysis.step("the adapter is put into the layers of the base model here", wrap),
                analysis.step("the base model is saved with these layers here", event),
            ]
            message = (
                f"{words.receiver(event)} holds the adapter's layers: it is saved under names that "
                "`from_pretrained` does not know, and the adapted layers come back random"
            )
            help = "save the PeftModel (the adapter), or what `merge_and_unload()` returns (the whole model)"
            yield self.report(event, message, help, trace, self._fix(event))
            analysis.explain(event)

    def _is_inner(self, event: Saved) -> bool:
        """A model that a PeftModel wraps, saved on its own with its own weights."""
        network = event.before
        if (
            network is None
            or network.uncertain
            or not network.adapters
            or not network.wrappers
            or event.expected_failure
        ):
            return False
        if event.how not in ("save_pretrained", "push_to_hub") or network.kind == "torch":
            return False
        if event.call is None or event.call.value("state_dict") is not None or event.call.open:
            return False
        return event.through == "base_model" or (event.through == "network" and event.raw)

    def _fix(self, event: Saved) -> Fix | None:
        receiver = event.call.receiver_node if event.call is not None else None
        if receiver is None or event.before is None or event.before.merged is not False:
            return None
        model = _outer(receiver)
        if model is None:
            return None
        edits = text.replace(event.syntax, receiver, text.source_of(event.syntax, model))
        return make_fix(event, "Save the adapter", Applicability.UNSAFE, edits)


def _outer(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`model` of `model.base_model`, `model.base_model.model` and `model.get_base_model()`."""
    match node:
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="get_base_model"))):
            return value
        case cst.Attribute(
            value=cst.Attribute(value=value, attr=cst.Name(value="base_model")), attr=cst.Name(value="model")
        ):
            return value
        case cst.Attribute(value=value, attr=cst.Name(value="base_model")):
            return value
    return None
