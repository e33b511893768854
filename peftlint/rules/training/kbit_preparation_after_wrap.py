"""`prepare_model_for_kbit_training` after the adapter was added freezes the adapter.

## What it does
Flags `prepare_model_for_kbit_training` on a PeftModel, or on a base that is already wrapped.

## Why is this bad?
The function freezes every parameter that there is, the adapter's included (measured: no trainable parameter
is left). A training loop then raises, or, because the function also lets the inputs require gradients,
computes a loss and changes nothing.

## Example
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
model = prepare_model_for_kbit_training(model)
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = prepare_model_for_kbit_training(base)
model = get_peft_model(model, LoraConfig())
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Unsafe: where both are plain statements of one block, the preparation is moved before the wrap.

## When not to worry
Preparing before wrapping, also an unquantised model, is right, and so is preparing a model that is not
trained.

## Releases
All releases of peft.

## References
- https://github.com/huggingface/trl/issues/3926
- https://github.com/huggingface/peft/issues/760
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.checkpoints import returned_from_entry
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    GradientsSet,
    OptimizerBuilt,
    Prepared,
    Trained,
    TrainerBuilt,
    Wrapped,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class KbitPreparationAfterWrap(Rule):
    code = "PEFT402"
    name = "kbit-preparation-after-wrap"
    fixes = (Applicability.UNSAFE,)
    explains = ("PEFT401",)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Prepared):
            bad = [event for event in site if self._freezes(analysis, event)]
            if not bad:
                continue
            event = bad[0]
            wrap = event.before.wrapped_by if event.before is not None else None
            if not isinstance(wrap, Wrapped) or not analysis.must(site, event, bad, wrap):
                continue
            trace = [
                analysis.step("the adapter is added here", wrap),
                analysis.step("all parameters are frozen here, the adapter's too", event),
            ]
            message = f"{words.receiver(event)} already has its adapter: preparing it for k-bit training freezes the adapter"
            help = "prepare the base model first, then add the adapter"
            yield self.report(event, message, help, trace, self._fix(event, wrap))
            analysis.explain(event, wrap)

    def _freezes(self, analysis: Analysis, event: Prepared) -> bool:
        network = event.before
        if event.how != "kbit" or not event.wrapped or network is None or event.expected_failure:
            return False
        if not network.adapters or any(a.trainable is None for a in network.active_adapters()):
            return False
        again = analysis.on(event.network, AdapterActivated, GradientsSet, Wrapped, AdapterAdded)
        if any(e.after(event) for e in again):
            # somebody turns the gradients on again, or what is trained is an adapter that is added afterwards
            return False
        # without training, frozen is what an adapter may well be
        trained = any(
            e.after(event) for e in analysis.on(event.network, Trained, TrainerBuilt, OptimizerBuilt)
        )
        return trained or (returned_from_entry(analysis, event) and not analysis.in_test(event))

    def _fix(self, event: Prepared, wrap: Wrapped) -> Fix | None:
        syntax = event.syntax
        if wrap.syntax is not syntax or event.stack != wrap.stack:
            return None
        first, second = syntax.statement(wrap.node), syntax.statement(event.node)
        block = syntax.parent(first)
        if block is not syntax.parent(second) or not isinstance(second, cst.SimpleStatementLine):
            return None
        assign = second.body[0]
        if not isinstance(assign, cst.Assign) or assign.value is not event.node or event.call is None:
            return None
        target, model = syntax.text(assign.targets[0].target), event.call.nodes.get("model")
        wrapped = wrap.call.nodes.get("model") if wrap.call is not None else None
        if (
            model is None
            or wrapped is None
            or len({target, syntax.text(model.value), syntax.text(wrapped.value)}) != 1
        ):
            return None
        line = syntax.text(assign).rstrip("; \t\\\r\n")
        edits = [
            *statements.insert_statement_before(syntax, wrap.node, line),
            *statements.delete_statement(syntax, assign),
        ]
        return make_fix(
            event, "Prepare the base model before the adapter is added", Applicability.UNSAFE, edits
        )
