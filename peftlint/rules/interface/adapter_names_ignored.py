"""`adapter_names=` is given to a model that does not look at it.

## What it does
Flags `adapter_names=` in a forward pass or `generate` of a transformers model with adapters, of
`get_base_model()` and of `base_model`, and on a PeftModel for peft before 0.10.

## Why is this bad?
Only the PeftModel itself reads the names of a mixed batch. Below it the keyword is swallowed, and all rows
are computed with the active adapter, silently (transformers 4.56 and newer; older ones raise a TypeError, as
`generate` does).

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.get_base_model()(**batch, adapter_names=["math", "code"])
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model(**batch, adapter_names=["math", "code"])
```

## Fix safety
No fix: where there is no PeftModel, one has to be made.

## When not to worry
`merge_adapter(adapter_names=...)` and methods of the program are another thing.

## Releases
peft 0.10 and newer have it on the PeftModel.

## References
- https://github.com/huggingface/peft/pull/1558
- https://github.com/huggingface/peft/issues/973
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Diagnostic
from peftlint.rules.base import Rule
from peftlint.rules.interface.receivers import is_own_class
from peftlint.rules.releases import caught, described, guarded
from peftlint.semantics.events import Event, MethodCalled, Used

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class AdapterNamesIgnored(Rule):
    code = "PEFT804"
    name = "adapter-names-ignored"
    explains = ("PEFT106",)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        old = analysis.targets.peft.every("<0.10")
        sites: list[list[Event]] = [list(site) for site in analysis.sites(Used)]
        # calling `model.base_model` is noted as a method of that name
        sites += [list(site) for site in analysis.sites(MethodCalled) if site[0].method == "base_model"]
        for site in sites:
            event = site[0]
            if event.call is None or (isinstance(event, Used) and event.how == "method") or guarded(event):
                continue
            if caught(event, "TypeError", "ValueError") or is_own_class(analysis, event):
                continue
            given = next(
                (
                    a
                    for a in event.call.node.args
                    if a.keyword is not None and a.keyword.value == "adapter_names"
                ),
                None,
            )
            if given is None or not all(self._below(e) or (old and e.before is not None) for e in site):
                continue
            if self._below(event):
                message = "only a PeftModel itself reads `adapter_names`: below it all rows are computed with the active adapter"
                help = "call the PeftModel that holds the adapters"
            else:
                message = (
                    f"`adapter_names` does not exist in {described(analysis, 'peft')}: it came with 0.10"
                )
                help = "activate the adapters one after the other, or use peft 0.10 or newer"
            yield self.report(event, message, help)
            analysis.explain(event)

    def _below(self, event: Event) -> bool:
        """Is it called on the layers themselves, and not on the PeftModel around them?"""
        if (
            event.before is None
            or not event.before.injected
            or event.before.kind not in ("transformers", "unknown")
        ):
            return False
        func = event.call.node.func if event.call is not None else None
        return event.raw or (isinstance(func, cst.Attribute) and func.attr.value == "base_model")
