"""A config is given positional arguments.

## What it does
Flags positional arguments of peft's config classes.

## Why is this bad?
The first parameter of `LoraConfig` is not r. Up to peft 0.13 it is `peft_type`, and `LoraConfig(8)` silently
keeps r = 8 by chance and any other number is lost; since 0.14 it is `task_type`, and the call raises `Invalid
task type: '8'`.

## Example
```python
from peft import LoraConfig

config = LoraConfig(16, lora_alpha=32)
```

## Use instead
```python
from peft import LoraConfig

config = LoraConfig(r=16, lora_alpha=32)
```

## Fix safety
Display only: r, lora_alpha are what is usually meant.

## When not to worry
There is no reason to.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/blob/main/src/peft/config.py
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import configs, task_type

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_TASK_TYPES = ("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION")
_MEANT = {"LoraConfig": ("r", "lora_alpha", "target_modules")}


class PositionalConfigArgument(Rule):
    code = "PEFT214"
    name = "positional-config-argument"
    fixes = (Applicability.DISPLAY,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for event in configs(analysis):
            call = event.call
            assert call is not None
            given = [arg for arg in call.node.args if arg.keyword is None and not arg.star]
            if (
                not given
                or ".from_" in call.callee
                or event.config.class_name == "PeftConfig"
                or not call.extra
            ):
                continue
            if task_type(call.extra[0]) in _TASK_TYPES:
                # since peft 0.14 the first field is the task type
                continue
            meant = _MEANT.get(event.config.class_name, ())
            edits = []
            if len(given) <= len(meant):
                texts = [
                    f"{name}={event.syntax.text(arg.value)}" for name, arg in zip(meant, given, strict=False)
                ]
                texts += [calls.argument_source(event.syntax, arg) for arg in call.node.args[len(given) :]]
                edits = calls.set_arguments(event.syntax, call.node, texts)
            first = event.syntax.text(given[0].value)
            silent = analysis.targets.peft.every("<0.14")
            outcome = (
                "is taken for another setting and lost"
                if silent
                else "is taken for the task type, and the call fails"
            )
            message = f"the first parameter of `{event.config.class_name}` is not r: `{first}` {outcome}"
            fix = make_fix(event, "Give them by name", Applicability.DISPLAY, edits)
            yield self.report(event, message, "give all settings by name", (), fix)
