"""One adapter after the other is loaded, used and never deleted.

## What it does
Flags `load_adapter` and `load_lora_weights` that run again and again under new names on one model, with uses
of the model between and no deletion anywhere.

## Why is this bad?
Every adapter stays in memory, and every layer keeps it. A service that loads one for each request, or a loop
over hundreds of checkpoints, runs out of memory late; the output is right until then.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/start")
for name in ("math", "code", "poetry"):
    model.load_adapter(f"adapters/{name}", adapter_name=name)
    model.set_adapter(name)
    scores = model(**inputs).logits
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/start")
for name in ("math", "code", "poetry"):
    model.load_adapter(f"adapters/{name}", adapter_name=name)
    model.set_adapter(name)
    scores = model(**inputs).logits
    model.delete_adapter(name)
```

## Fix safety
No fix: which adapters may go, and when, is for the author to say.

## When not to worry
A fixed set that is loaded before it is used, one name for all (each load takes the place of the one before),
and pools that delete.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/738
- https://github.com/huggingface/diffusers/issues/8532
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import (
    AdapterDeleted,
    AdapterLoaded,
    Escaped,
    Event,
    Merged,
    PipelineLora,
    Used,
    WeightsPatched,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.values import Value


class AdaptersAccumulate(Rule):
    code = "PEFT307"
    name = "adapters-accumulate"
    severity = Severity.INFO
    default = False

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        rounds: dict[int, list[Event]] = {}
        for event in analysis.all(AdapterLoaded, PipelineLora):
            if _name(event) is not None and not event.expected_failure:
                rounds.setdefault(id(event.node), []).append(event)
        for events in rounds.values():
            pair = next(
                ((a, b) for a in events for b in events if b.after(a) and self._accumulates(analysis, a, b)),
                None,
            )
            if pair is None:
                continue
            used = next(u for u in analysis.all(Used, PipelineLora) if _between(u, *pair))
            trace = [
                analysis.step("an adapter is loaded here, in each round under a new name", pair[0]),
                analysis.step("the model is used here, and the next adapter is loaded beside this one", used),
            ]
            message = f"adapters of {words.receiver(pair[0])} pile up: each round loads one, and none is ever deleted"
            help = "delete each adapter when it is done with (`delete_adapter`), or load all under one name"
            yield self.report(pair[0], message, help, trace)

    def _accumulates(self, analysis: Analysis, first: Event, second: Event) -> bool:
        if first.network != second.network or first.handle != second.handle or _name(first) == _name(second):
            return False
        if not any(_between(used, first, second) for used in analysis.all(Used, PipelineLora)):
            return False
        for other in analysis.all(AdapterDeleted, Merged, WeightsPatched, Escaped, PipelineLora):
            concerns = (
                other.handle == first.handle
                if isinstance(other, PipelineLora)
                else other.network == first.network
            )
            if concerns and (not isinstance(other, PipelineLora) or other.how in ("delete", "unload")):
                return False
        return True


def _name(event: Event) -> Value | None:
    """The name that a load gives, if it gives one."""
    match event:
        case AdapterLoaded(adapter=adapter) if adapter is not None:
            return adapter.name
        case PipelineLora(how="load", names=names) if names:
            return names[0]
    return None


def _between(used: Event, first: Event, second: Event) -> bool:
    if isinstance(used, PipelineLora) and used.how != "use":
        return False
    same = used.handle == first.handle if isinstance(used, PipelineLora) else used.network == first.network
    return same and used.after(first) and second.after(used)
