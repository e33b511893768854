"""Several adapters are switched, and nothing ever checks that the switch works.

## What it does
Flags the first `set_adapter` of a model with several adapters that is used afterwards, in a program that
nowhere asks for the status (`get_model_status()`, `get_layer_status()`, `active_adapters`) and nowhere
compares logits.

## Why is this bad?
Hygiene. Most mistakes with adapters raise nothing: the model answers as the base model, or as the adapter
before. One comparison of logits, or one look at the status, would have found them.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
output = model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
assert model.get_model_status().active_adapters == ["code"]
output = model.generate(**inputs)
```

## Fix safety
No fix.

## When not to worry
The check may live in a test of its own: this rule is off unless selected.

## Releases
The status methods exist since peft 0.11.

## References
- https://github.com/huggingface/peft/blob/main/docs/source/developer_guides/troubleshooting.md
- https://github.com/huggingface/peft/issues/1040
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import AdapterActivated, Compared, StatusChecked, Used
from peftlint.semantics.records import Output
from peftlint.semantics.values import sources_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: what a program asks that looks at the adapters in effect
_ASKED = re.compile(r"\.active_adapters?\b(?!\s*=[^=])|\bget_(?:model|layer)_status\b|\bpeft_config\b")


class SwitchNeverVerified(Rule):
    code = "PEFT602"
    name = "switch-never-verified"
    severity = Severity.INFO
    default = False

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        # the switch may stand in another file
        texts = {
            id(s): s.code for s in (analysis.syntax, *(e.syntax for e in analysis.all(AdapterActivated)))
        }
        if any(map(_ASKED.search, texts.values())) or self._verified(analysis):
            return
        seen: set[int] = set()
        for event in analysis.all(AdapterActivated):
            network = event.before
            if network is None or event.network is None or event.network in seen or len(network.adapters) < 2:
                continue
            used = next((u for u in analysis.on(event.network, Used) if u.after(event)), None)
            if used is None or event.expected_failure:
                continue
            seen.add(event.network)
            trace = [
                analysis.step("the adapter is switched here", event),
                analysis.step("the model is used, in the belief that it was", used),
            ]
            model = words.receiver(event)
            message = f"adapters of {model} are switched, and neither status nor logits are ever checked"
            help = "check `get_model_status().active_adapters`, or compare logits once"
            yield self.report(event, message, help, trace)

    def _verified(self, analysis: Analysis) -> bool:
        """Is the status asked for, or are numbers compared?"""
        if any(analysis.all(StatusChecked)):
            return True
        records = analysis.interpreter.records
        for compared in analysis.all(Compared):
            for source in sources_of(compared.left) | sources_of(compared.right):
                output = records.get(source)
                if isinstance(output, Output) and not output.generated:
                    return True
        return False
