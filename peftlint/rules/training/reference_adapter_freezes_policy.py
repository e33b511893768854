"""Loading a reference adapter freezes the adapter that is trained (peft 0.18 to 0.20).

## What it does
Flags `load_adapter` without `is_trainable=True` on a PeftModel whose active adapter is trainable, if the
model is then trained with no `set_adapter` in between, for projects that use peft 0.18, 0.19 or 0.20.

## Why is this bad?
In these releases the call turns off the gradients of the active adapter as well. Plain loops raise "element 0
of tensors does not require grad"; where inputs require gradients nothing raises and no weight changes
(measured on peft 0.19.0: 3 optimizer steps, nothing changed).

## Example
```python
# peft==0.19.0
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "sft", adapter_name="policy", is_trainable=True)
model.load_adapter("sft", adapter_name="reference")
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "sft", adapter_name="policy", is_trainable=True)
model.load_adapter("sft", adapter_name="reference")
model.set_adapter("policy")
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Safe: `set_adapter` with the name that is active anyway; it turns the gradients on again and changes nothing
else.

## When not to worry
Other releases, `set_adapter` or `set_requires_grad` after the call, inference.

## Releases
peft 0.18, 0.19, 0.20.

## References
- https://github.com/huggingface/peft/issues/3580
- https://github.com/huggingface/peft/issues/2749
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterLoaded, Trained
from peftlint.semantics.values import Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_RELEASES = ">=0.18,<0.21"


class ReferenceAdapterFreezesPolicy(Rule):
    code = "PEFT413"
    name = "reference-adapter-freezes-policy"
    fixes = (Applicability.SAFE,)
    explains = ("PEFT105", "PEFT401")

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        if not analysis.targets.peft.every(_RELEASES):
            return
        for site in analysis.sites(AdapterLoaded):
            for event in site:
                sink = self._trained_frozen(analysis, event)
                if sink is None or analysis.explained(event):
                    continue
                assert event.before is not None
                policy = event.before.active_adapters()[0]
                trace = [
                    analysis.step(
                        f"{words.adapter(policy)} is active and trainable; this call freezes it", event
                    ),
                    analysis.step("it is trained here, frozen", sink),
                ]
                message = (
                    f"with peft 0.18 to 0.20 this call also freezes {words.adapter(policy)}, "
                    "which is then trained: nothing will be learned"
                )
                help = "call `set_adapter` with the name of the trained adapter afterwards"
                yield self.report(event, message, help, trace, self._fix(event))
                analysis.explain(event, policy.created)
                break

    def _trained_frozen(self, analysis: Analysis, event: AdapterLoaded) -> Trained | None:
        """The training in which the adapters that were trainable before the call are frozen."""
        network = event.before
        if (
            network is None
            or network.uncertain
            or event.api != "peft"
            or event.expected_failure
            or event.adapter is None
        ):
            return None
        policies = network.active_adapters()
        if (
            not policies
            or event.adapter.trainable is not False
            or any(policy.trainable is not True for policy in policies)
        ):
            return None
        for sink in analysis.on(event.network, Trained):
            if (
                not sink.after(event)
                or sink.before is None
                or sink.before.uncertain
                or not sink.alone
                or sink.expected_failure
            ):
                continue
            now = sink.before.active_adapters()
            if {a.name for a in now} != {a.name for a in policies} or any(
                a.trainable is not False for a in now
            ):
                continue
            if analysis.certain(sink, event):
                return sink
        return None

    def _fix(self, event: AdapterLoaded) -> Fix | None:
        call, network = event.call, event.before
        if (
            call is None
            or call.receiver_node is None
            or network is None
            or network.active is None
            or len(network.active) != 1
        ):
            return None
        name = network.active[0]
        if not isinstance(name, Constant) or not isinstance(name.value, str) or '"' in name.value:
            return None
        line = f'{event.syntax.text(call.receiver_node)}.set_adapter("{name.value}")'
        edits = statements.insert_statement_after(event.syntax, call.node, line)
        return make_fix(event, "Activate the trained adapter again", Applicability.SAFE, edits)
