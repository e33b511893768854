"""A LoRA config leaves `init_lora_weights` to its default.

## What it does
Flags `LoraConfig(...)` without `init_lora_weights=`. Only with `--strict`.

## Why is this bad?
It is not wrong. But the default makes a fresh adapter a no-op, which is what all the confusions of rules
PEFT101 and PEFT201 rest on; written out, a reader sees that the adapter does nothing until it is trained or
loaded.

## Example
```python
from peft import LoraConfig

config = LoraConfig(r=8)
```

## Use instead
```python
from peft import LoraConfig

config = LoraConfig(r=8, init_lora_weights=True)
```

## Fix safety
Safe: `True` is the default.

## When not to worry
Configs that may get it through `**options`.

## Releases
All releases.

## References
- https://huggingface.co/docs/peft/package_reference/lora
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Severity
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import configs
from peftlint.semantics.events import ConfigCreated

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class ImplicitInitLoraWeights(Rule):
    code = "PEFT212"
    name = "implicit-init-lora-weights"
    severity = Severity.INFO
    default = False
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        # what is given on one way through a function is explicit: `options["init_lora_weights"] = ...` under a condition
        given = {id(event.node) for event in analysis.all(ConfigCreated) if _is_given(event)}
        for event in configs(analysis, "LoraConfig"):
            call = event.call
            assert call is not None
            if ".from_" in call.callee or id(event.node) in given:
                continue
            edits = calls.add_keyword(event.syntax, call.node, "init_lora_weights", "True")
            fix = make_fix(event, "Write `init_lora_weights=True`", Applicability.SAFE, edits)
            message = "`init_lora_weights` is implicit: a fresh adapter of this config does nothing until it is trained"
            yield self.report(event, message, "write `init_lora_weights=True`", (), fix)


def _is_given(event: ConfigCreated) -> bool:
    return event.call is None or event.call.open or event.config.argument("init_lora_weights") is not None
