"""An adapter is addressed after it was deleted.

## What it does
Flags `set_adapter`, `adapter_names=`, `add_weighted_adapter`, `set_adapters` and the like with the name of an
adapter that was deleted before and not loaded again, and any use of a PeftModel whose last adapter was
deleted.

## Why is this bad?
The call raises (`ValueError: Adapter math not found.`); a PeftModel without any adapter raises `KeyError` at
the next forward pass. Often this is seen only when a request asks for just that adapter.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.delete_adapter("math")
model.set_adapter("math")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
model.delete_adapter("math")
```

## Fix safety
No fix: whether to load it again or to delete it later is for the author to say. For the base model's output
use `with model.disable_adapter():`.

## When not to worry
A name that is loaded again after it was deleted, deletions in branches that exclude the use, and a
transformers model without adapters (it is the base model again) are left alone.

## Releases
All releases. Up to peft 0.15 deleting the *active* adapter breaks the next forward pass even if others are
left.

## References
- https://github.com/huggingface/peft/issues/738
- https://github.com/huggingface/peft/issues/1574
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterDeleted,
    AdapterNamed,
    Event,
    PipelineLora,
    Used,
)
from peftlint.semantics.values import Constant, Value

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class DeletedAdapterUsed(Rule):
    code = "PEFT309"
    name = "deleted-adapter-used"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterActivated, AdapterNamed, PipelineLora, Used):
            for event in site:
                found = None if event.expected_failure or event.handled else self._deleted(analysis, event)
                if found is None:
                    continue
                deletion, name = found
                if analysis.explained(deletion) or not analysis.must(site, event, [event], deletion):
                    continue
                yield self._finding(analysis, event, deletion, name)
                analysis.explain(deletion, event)
                break

    def _deleted(self, analysis: Analysis, event: Event) -> tuple[Event, Value | None] | None:
        """The deletion of an adapter that the event needs, and its name (None: it was the last one)."""
        match event:
            case PipelineLora(pipeline=pipeline, names=names, how="set") if pipeline is not None:
                if pipeline.uncertain or not pipeline.closed:
                    return None
                left = {name for name, _ in pipeline.loras}
                missing: list[Value] = [n for n in names or () if isinstance(n, Constant) and n not in left]
            case AdapterActivated(names=names) | AdapterNamed(names=names):
                network = event.before
                if network is None or network.uncertain or not network.closed:
                    return None
                missing = [n for n in names or () if n in network.deleted and network.adapter(n) is None]
            case Used():
                return self._none_left(analysis, event)
            case _:
                return None
        for name in missing:
            for earlier in analysis.earlier(event, AdapterDeleted, PipelineLora):
                deletes = isinstance(earlier, AdapterDeleted) or (
                    isinstance(earlier, PipelineLora)
                    and earlier.how == "delete"
                    and earlier.handle == event.handle
                )
                if deletes and name in (earlier.names or ()) and earlier.node is not event.node:
                    return earlier, name
        return None

    def _none_left(self, analysis: Analysis, event: Used) -> tuple[Event, None] | None:
        """A PeftModel of which every adapter was deleted."""
        network = event.before
        if (
            network is None
            or network.adapters
            or not network.deleted
            or network.uncertain
            or not network.closed
        ):
            return None
        if event.handle not in network.wrappers:
            return None
        deletion = next(analysis.earlier(event, AdapterDeleted), None)
        return (deletion, None) if deletion is not None else None

    def _finding(self, analysis: Analysis, event: Event, deletion: Event, name: Value | None) -> Diagnostic:
        shown = words.value(name, "the adapter")
        if name is None:
            message = f"{words.receiver(event)} has no adapter left: a PeftModel without adapters raises"
            help = (
                "for the base model's output use `with model.disable_adapter():` or `model = model.unload()`"
            )
            trace = [analysis.step("its last adapter is deleted here", deletion)]
        else:
            message = f"adapter {shown} was deleted before: this call raises"
            help = f"load {shown} again first, or delete it later"
            trace = [analysis.step(f"{shown} is deleted here", deletion)]
        trace.append(analysis.step("it is needed here", event))
        return self.report(event, message, help, trace)
