"""LoftQ is asked to initialise an adapter on a base that is quantised already.

## What it does
Flags `init_lora_weights="loftq"` on a model that was loaded in 4 or 8 bits.

## Why is this bad?
LoftQ quantises the base itself and puts the error into the adapter. On a quantised base it takes the packed
storage for the weight: seen with a 4-bit Llama, lora_A becomes (1, 1), and the first forward pass ends in
"mat1 and mat2 shapes cannot be multiplied".

## Example
```python
from peft import LoftQConfig, LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

model = AutoModelForCausalLM.from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_4bit=True))
model = get_peft_model(model, LoraConfig(init_lora_weights="loftq", loftq_config=LoftQConfig(loftq_bits=4)))
```

## Use instead
```python
from peft import LoraConfig, get_peft_model, replace_lora_weights_loftq
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

model = AutoModelForCausalLM.from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_4bit=True))
model = get_peft_model(model, LoraConfig())
replace_lora_weights_loftq(model)
```
or LoftQ on the base in full precision.

## Fix safety
No fix: both ways are possible.

## When not to worry
A base in full precision, an adapter that LoftQ prepared earlier, `replace_lora_weights_loftq`.

## Releases
All releases with LoftQ (peft 0.7).

## References
- https://github.com/huggingface/peft/issues/1405
- https://github.com/huggingface/peft/blob/main/src/peft/tuners/lora/config.py
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules.base import Rule
from peftlint.rules.config.arguments import argument_node
from peftlint.rules.config.attachments import attachments
from peftlint.semantics.events import ConfigCreated
from peftlint.semantics.values import text

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class LoftqOnQuantizedBase(Rule):
    code = "PEFT205"
    name = "loftq-on-quantized-base"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in attachments(analysis):
            bad = [
                event
                for event in site
                if event.config is not None
                and text(event.config.argument("init_lora_weights")) == "loftq"
                and event.before is not None
                and event.before.quantised is True
            ]
            for event in bad[:1]:
                assert event.config is not None and event.before is not None
                created, loaded = event.config.created, event.before.created
                if not isinstance(created, ConfigCreated) or created.call is None or event.handled:
                    continue
                if not analysis.must(site, event, bad, created, loaded):
                    continue
                trace = [analysis.step("the base is quantised here", loaded)] if loaded is not None else []
                trace.append(analysis.step("the adapter is attached to it here", event))
                message = "LoftQ takes the packed weights of the quantised base for its real ones: the adapter gets wrong shapes"
                help = "load the base in full precision, or call `replace_lora_weights_loftq(model)` after an ordinary start"
                node = argument_node(created, "init_lora_weights")
                yield self.report(created, message, help, trace, None, node)
