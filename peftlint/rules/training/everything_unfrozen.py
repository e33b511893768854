"""`requires_grad` is set on all parameters after the adapter was added, or on the loss.

## What it does
Flags, on a model that has its adapter: a loop over all parameters or `model.requires_grad_()` that unfreezes
the base model as well and whose result is saved as an adapter; one that freezes the adapter as well before it
is trained; and `loss.requires_grad_(True)` where the adapter is frozen.

## Why is this bad?
Unfrozen, the base weights are trained too, and `save_pretrained` writes the adapter only: what they learned
is lost (measured: base weights that have left those of the checkpoint). Frozen, nothing is trained. A loss
that is made to require a gradient only silences the error "element 0 of tensors does not require grad":
optimizer steps change no parameter (measured).

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
for parameter in model.parameters():
    parameter.requires_grad = True
Trainer(model=model, args=args, train_dataset=data).train()
model.save_pretrained("adapter")
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
Trainer(model=model, args=args, train_dataset=data).train()
model.save_pretrained("adapter")
```

## Fix safety
Unsafe: what unfreezes is deleted; a loop that freezes is moved before the adapter is added, where both stand
in one block. No fix for the loss: it is harmless once the adapter is trainable.

## When not to worry
Loops with a condition or a value that looks at the parameter's name, `set_adapter` afterwards, freezing for
inference, unfreezing a model that is merged or saved whole afterwards.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/760
- https://github.com/ludwig-ai/ludwig/pull/3572
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix
from peftlint.fixes import statements
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterActivated, Event, GradientsSet, Merged, Saved, Trained

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_MESSAGES = {
    "unfrozen": "all parameters are unfrozen, the base model's too: what it learns is lost when the adapter is saved",
    "frozen": "all parameters are frozen after the adapter was added, the adapter's too: training changes nothing",
    "loss": "the adapter is frozen, and making the loss require a gradient only hides it: no parameter will change",
}
_HELP = {
    "unfrozen": "leave it out: adding an adapter freezes the base model and leaves the adapter trainable",
    "frozen": "freeze before the adapter is added, or leave it out: adding an adapter freezes the base model",
    "loss": "leave it out, and make the adapter trainable (`is_trainable=True` when loading it)",
}


class EverythingUnfrozen(Rule):
    code = "PEFT412"
    name = "everything-unfrozen"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(GradientsSet):
            for event in site:
                effect = self._effect(analysis, event)
                network = event.before
                if effect is None or network is None or analysis.explained(event):
                    continue
                kind, later = effect
                trace = [
                    analysis.step(
                        {"loss": "the loss is made to require a gradient here"}.get(kind, "set here"), event
                    )
                ]
                added = next((a.created for a in network.active_adapters() if a.created is not None), None)
                if added is not None:
                    trace.insert(0, analysis.step("the adapter is added here", added))
                trace.append(analysis.step("saved here" if kind == "unfrozen" else "trained here", later))
                yield self.report(event, _MESSAGES[kind], _HELP[kind], trace, self._fix(event, kind, added))
                analysis.explain(event)
                break

    def _effect(self, analysis: Analysis, event: GradientsSet) -> tuple[str, Event] | None:
        """What goes wrong, and the event in which it does."""
        network = event.before
        if network is None or network.uncertain or event.value is None or event.expected_failure:
            return None
        adapters = network.active_adapters()
        if not adapters:
            return None
        undone = {
            e.index
            for e in analysis.on(event.network, AdapterActivated, GradientsSet)
            if e.node is not event.node
        }
        sinks = [
            sink
            for sink in analysis.on(event.network, Trained)
            if sink.after(event)
            and sink.alone
            and not sink.expected_failure
            and analysis.certain(sink, event)
            and not any(sink.ancestors >> index & 1 and index > event.index for index in undone)
        ]
        if event.of_output:
            steps = [sink for sink in sinks if sink.how != "backward"]
            frozen = event.value and all(a.trainable is False for a in adapters)
            return ("loss", steps[0]) if steps and frozen else None
        if not sinks or event.filtered or any(a.trainable is None for a in adapters):
            return None
        if not event.value:
            still = [
                s for s in sinks if s.before and all(a.trainable is False for a in s.before.active_adapters())
            ]
            return ("frozen", still[0]) if still else None
        saves = [save for save in analysis.on(event.network, Saved) if save.after(sinks[0])]
        unloads = [merge for merge in analysis.later(event, Merged) if merge.how == "unload"]
        if unloads or not saves or any(save.through != "peft" for save in saves):
            return None
        return "unfrozen", saves[0]

    def _fix(self, event: GradientsSet, kind: str, added: Event | None) -> Fix | None:
        syntax = event.syntax
        loop = event.loops[-1] if event.loops else None
        statement = syntax.statement(event.node)
        if kind == "loss" or not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return None
        whole: cst.CSTNode = statement
        if (
            isinstance(loop, cst.For)
            and isinstance(loop.body, cst.IndentedBlock)
            and statement in loop.body.body
        ):
            if len(loop.body.body) != 1:
                return None
            whole = loop
        edits: list[Edit] = statements.delete_statement(syntax, whole)
        if kind == "unfrozen":
            return make_fix(event, "Leave it out", Applicability.UNSAFE, edits)
        if added is None or added.syntax is not syntax or added.stack != event.stack:
            return None
        before = syntax.statement(added.node)
        if syntax.parent(before) is not syntax.parent(whole):
            return None
        lines = syntax.text(whole).strip("\n")
        edits = [*statements.insert_statement_before(syntax, added.node, lines), *edits]
        return make_fix(event, "Freeze before the adapter is added", Applicability.UNSAFE, edits)
