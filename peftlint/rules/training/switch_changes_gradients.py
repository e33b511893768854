"""`set_adapter` between a forward pass and its backward, or with an optimizer that holds another adapter.

## What it does
Flags `set_adapter` where the loss of an earlier forward pass still has to go backward through the adapter
that it switches off (here, or handed out by a function that nobody here calls), and where training goes on
with an optimizer that was given the trainable parameters of another adapter only.

## Why is this bad?
`set_adapter` turns gradients on for the adapter that it names and off for all others. Of a loss made from
passes under two adapters only the last one learns (measured: the first has the weights of its file after
three steps); an optimizer made from `p.requires_grad` holds only what was active when it was built (measured:
B of the second adapter is all zero after training). Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math", is_trainable=True)
model.load_adapter("adapters/code", adapter_name="code", is_trainable=True)
model.set_adapter("math")
loss = model(**sums).loss
model.set_adapter("code")
loss = loss + model(**programs).loss
loss.backward()
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math", is_trainable=True)
model.load_adapter("adapters/code", adapter_name="code", is_trainable=True)
model.set_adapter("math")
model(**sums).loss.backward()
model.set_adapter("code")
model(**programs).loss.backward()
```

## Fix safety
No fix.

## When not to worry
Passes under `torch.no_grad()` or detached results, backward before the switch, `set_requires_grad` after it,
a new optimizer or trainer for each adapter.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/2759
- https://github.com/huggingface/transformers/issues/32084
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.effective import differ
from peftlint.rules.plain import plain
from peftlint.semantics.events import (
    AdapterActivated,
    Event,
    LossHandedOut,
    MethodCalled,
    OptimizerBuilt,
    Trained,
)
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_FILTER = re.compile(r"\bif \w+\.requires_grad\b|lambda (\w+): ?\1\.requires_grad\b")


class SwitchChangesGradients(Rule):
    code = "PEFT407"
    name = "switch-changes-gradients"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        sink: Trained | LossHandedOut
        for sink in analysis.all(Trained, LossHandedOut):
            found = self._frozen_before_backward(analysis, sink)
            if isinstance(sink, Trained):
                found = (
                    found or self._not_in_optimizer(analysis, sink) or self._not_in_trainer(analysis, sink)
                )
            if found is None:
                continue
            switch, message, help, steps = found
            if analysis.explained(switch):
                continue
            yield self.report(switch, message, help, [analysis.step(text, event) for text, event in steps])
            analysis.explain(switch)

    def _frozen_before_backward(
        self, analysis: Analysis, sink: Trained | LossHandedOut
    ) -> tuple[Event, str, str, list[tuple[str, Event]]] | None:
        """A forward pass under an adapter that is frozen by the time of the backward."""
        if isinstance(sink, Trained) and sink.how != "backward":
            return None
        if sink.before is None or sink.before.uncertain or sink.expected_failure:
            return None
        for use in sink.uses:
            if use.before is None or use.before.uncertain or use.before.enabled is not True:
                continue
            for adapter in use.before.active_adapters():
                now = sink.before.adapter(adapter.name)
                if adapter.trainable is not True or now is None or now.trainable is not False:
                    continue
                for switch in analysis.on(sink.network, AdapterActivated):
                    between = switch.after(use) and sink.after(switch) and not use.after(switch)
                    if not between or switch.names is None or adapter.name in switch.names:
                        continue
                    if not analysis.certain(sink, use, switch):
                        continue
                    named = words.adapter(adapter)
                    message = f"this turns off the gradients of {named}, which the loss of an earlier pass still needs"
                    help = "call `backward()` before the switch (gradients add up)"
                    steps = [
                        (f"forward pass under {named}", use),
                        ("its gradients are turned off here", switch),
                        ("backward" if isinstance(sink, Trained) else "the loss is handed out", sink),
                    ]
                    return switch, message, help, steps
        return None

    def _not_in_trainer(
        self, analysis: Analysis, sink: Trained
    ) -> tuple[Event, str, str, list[tuple[str, Event]]] | None:
        """A second `train()` of a trainer, which keeps the optimizer that it built for the first."""
        if sink.how != "trainer" or sink.trainer is None or sink.before is None or sink.before.uncertain:
            return None
        for first in analysis.all(Trained):
            if first.trainer != sink.trainer or not sink.after(first) or first.before is None:
                continue
            for switch in analysis.on(sink.network, AdapterActivated):
                between = switch.after(first) and sink.after(switch) and not first.after(switch)
                if not between or not differ(first.before.active, switch.names):
                    continue
                if sink.before.active != switch.names or not analysis.certain(sink, first, switch):
                    continue
                named = words.listed(switch.names or ())
                message = (
                    f"the trainer keeps the optimizer of its first run, which has no parameter of {named}: "
                    "it will not be trained"
                )
                steps = [
                    (
                        f"trained with {words.listed(first.before.active or ())}; the optimizer is built here",
                        first,
                    ),
                    (f"{named} is activated here", switch),
                    ("the same trainer trains again", sink),
                ]
                return switch, message, "make a new trainer for each adapter", steps
        return None

    def _not_in_optimizer(
        self, analysis: Analysis, sink: Trained
    ) -> tuple[Event, str, str, list[tuple[str, Event]]] | None:
        """A step of an optimizer that holds none of the active adapters."""
        network, call = sink.before, sink.call
        if (
            sink.how != "step"
            or network is None
            or network.uncertain
            or call is None
            or not isinstance(call.receiver, Reference)
        ):
            return None
        built = [event for event in analysis.on(sink.network, OptimizerBuilt) if sink.after(event)]
        if len(built) != 1 or built[0].identity != call.receiver.id or not network.active:
            return None
        event = built[0]
        node = event.call.nodes.get("params") if event.call is not None else None
        before = event.before
        if (
            node is None
            or before is None
            or before.uncertain
            or before.active is None
            or not _FILTER.search(plain(node))
        ):
            return None
        adapters = network.active_adapters()
        if any(
            a.name in before.active or before.adapter(a.name) is None or a.activated is None for a in adapters
        ):
            return None
        if any(
            m.method == "add_param_group" and m.handle == event.identity for m in analysis.all(MethodCalled)
        ):
            return None
        switch = adapters[-1].activated if adapters else None
        if (
            not isinstance(switch, AdapterActivated)
            or not switch.after(event)
            or not analysis.certain(sink, event, switch)
        ):
            return None
        named = words.adapter(adapters[-1])
        message = (
            f"the optimizer was built while {words.listed(before.active)} was active and has no parameter of {named}: "
            "it will not be trained"
        )
        steps = [
            ("the optimizer takes what can be trained here", event),
            (f"{named} is activated here", switch),
            ("the optimizer steps", sink),
        ]
        return switch, message, "build a new optimizer after the switch", steps
