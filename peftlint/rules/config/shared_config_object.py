"""One config object is given to two models.

## What it does
Flags the second model that is wrapped with the same config object. Only with `--strict`.

## Why is this bad?
PEFT keeps the object and writes into it: the target modules of the first model, `inference_mode`. With two
architectures the second call raises `Target modules ... not found` (measured); with two alike, a change for
one is a change for both.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

generator = AutoModelForCausalLM.from_pretrained("base")
judge = AutoModelForCausalLM.from_pretrained("base")
config = LoraConfig(r=8)
generator = get_peft_model(generator, config)
judge = get_peft_model(judge, config)
```

## Use instead
```python
import copy

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

generator = AutoModelForCausalLM.from_pretrained("base")
judge = AutoModelForCausalLM.from_pretrained("base")
config = LoraConfig(r=8)
generator = get_peft_model(generator, copy.deepcopy(config))
judge = get_peft_model(judge, config)
```

## Fix safety
Unsafe: the first model gets a copy (the second would copy what the first has written).

## When not to worry
Two models alike whose settings nobody changes.

## Releases
All releases.

## References
- https://github.com/huggingface/trl/pull/7319
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Severity
from peftlint.fixes import calls, imports
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.attachments import Attachment, attachments

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class SharedConfigObject(Rule):
    code = "PEFT213"
    name = "shared-config-object"
    severity = Severity.INFO
    default = False
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        sites = list(attachments(analysis))
        for number, site in enumerate(sites):
            event = site[0]
            first = next(
                (
                    other[0]
                    for other in sites[:number]
                    if self._shared(other[0], event) and event.after(other[0])
                ),
                None,
            )
            if first is None or not analysis.certain(event, first):
                continue
            trace = [
                analysis.step("the config goes to the first model here, which writes into it", first),
                analysis.step("the same object goes to another model here", event),
            ]
            fix = make_fix(
                event, "Give the first model a copy", Applicability.UNSAFE, self._edits(first, event)
            )
            message = "this config object belongs to another model already: PEFT writes into it, for both"
            yield self.report(
                event, message, "give each model a config of its own, or `copy.deepcopy(config)`", trace, fix
            )

    def _shared(self, first: Attachment, second: Attachment) -> bool:
        if first.config_id is None or first.network is None or second.network is None:
            return False
        return first.config_id == second.config_id and first.network != second.network

    def _edits(self, first: Attachment, event: Attachment) -> list[Edit]:
        call = first.call
        arg = call.nodes.get("peft_config") or call.nodes.get("adapter_config") if call is not None else None
        if arg is None or first.syntax is not event.syntax:
            return []
        name, edits = imports.reference(first.syntax, "copy.deepcopy", first.node)
        if edits:
            edits = imports.add_import(first.syntax, "import copy", first.node)
            name = "copy.deepcopy"
        return [
            *edits,
            *calls.replace_value(first.syntax, arg, f"{name}({calls.value_source(first.syntax, arg)})"),
        ]
