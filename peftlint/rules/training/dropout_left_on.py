"""An adapter is added after `eval()`: its dropout stays on during inference.

## What it does
Flags an adapter with `lora_dropout` above 0 that is made from a config (`get_peft_model`, `add_adapter`),
given its weights, and used for inference with no `eval()` after it was added.

## Why is this bad?
New layers are in training mode, also in a model that was put in eval mode before (`model.training` may even
say False). Their dropout is active: greedy generation and scores change from call to call (measured: two
forward passes over the same tokens differ).

## Example
```python
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
base.eval()
model = get_peft_model(base, LoraConfig(lora_dropout=0.1))
set_peft_model_state_dict(model, weights)
model.generate(**inputs)
```

## Use instead
```python
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(lora_dropout=0.1))
model.eval()
set_peft_model_state_dict(model, weights)
model.generate(**inputs)
```

## Fix safety
Safe: `model.eval()` is inserted after the adapter was added. Only code that never trains the model is
flagged.

## When not to worry
`PeftModel.from_pretrained` and `load_adapter` put the model in eval mode themselves. A config without
dropout, an adapter that is still untrained (its output is zero), code that trains the model.

## Releases
All releases of peft up to 0.21.

## References
- https://github.com/huggingface/peft/pull/3766
- https://github.com/huggingface/transformers/issues/34469
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    AdapterAdded,
    Escaped,
    Event,
    ModeSet,
    ResultAssigned,
    Trained,
    TrainerBuilt,
    Used,
    Wrapped,
)
from peftlint.semantics.values import Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class DropoutLeftOn(Rule):
    code = "PEFT409"
    name = "dropout-left-on"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Used):
            bad = [event for event in site if self._injection(analysis, event) is not None]
            if not bad:
                continue
            use, added = bad[0], self._injection(analysis, bad[0])
            if added is None or analysis.explained(added) or not analysis.must(site, use, bad, added):
                continue
            yield self._finding(analysis, added, use)
            analysis.explain(added)

    def _injection(self, analysis: Analysis, use: Used) -> Wrapped | AdapterAdded | None:
        """What added the active adapter whose dropout is on, if the model is only ever used for inference."""
        network = use.before
        if network is None or network.uncertain or use.inference is not True or use.expected_failure:
            return None
        added = network.dropout_on
        if (
            not isinstance(added, Wrapped | AdapterAdded)
            or network.effective() is None
            or not _dropout(added)
        ):
            return None
        adapter = network.adapter(added.adapter.name) if added.adapter is not None else None
        if (
            adapter is None
            or adapter.neutral is True
            or adapter.origin != "loaded"
            or adapter.name not in (network.effective() or ())
        ):
            return None
        for other in analysis.all(Trained, TrainerBuilt):
            if other.network in (use.network, None):
                return None
        for other in analysis.on(use.network, ModeSet, Escaped):
            if other.after(added) or other.entry != added.entry:
                # train() is what was wanted; eval() elsewhere may come first
                return None
        return added

    def _finding(self, analysis: Analysis, added: Wrapped | AdapterAdded, use: Used) -> Diagnostic:
        trace = [
            analysis.step("the new layers are in training mode here", added),
            analysis.step("the model is run for inference here", use),
        ]
        named = words.adapter(added.adapter) if added.adapter else "the adapter"
        message = f"the dropout of {named} is on: results will change from call to call"
        return self.report(
            added, message, "call `eval()` after the adapter was added", trace, self._fix(analysis, added)
        )

    def _fix(self, analysis: Analysis, added: Event) -> Fix | None:
        call, syntax = added.call, added.syntax
        if call is None:
            return None
        if isinstance(added, AdapterAdded):
            model = syntax.text(call.receiver_node) if call.receiver_node is not None else None
        else:
            model = next((a.target for a in analysis.all(ResultAssigned) if a.node is added.node), None)
        if model is None:
            return None
        edits = statements.insert_statement_after(syntax, call.node, f"{model}.eval()")
        return make_fix(added, "Put the model in eval mode", Applicability.SAFE, edits)


def _dropout(added: Wrapped | AdapterAdded) -> bool:
    value = added.config.argument("lora_dropout") if added.config is not None else None
    return isinstance(value, Constant) and isinstance(value.value, int | float) and value.value > 0
