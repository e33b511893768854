"""`generate` of a PeftModel that takes keywords only is given a positional argument.

## What it does
Flags `model.generate(input_ids)` on a PeftModel of a causal language model for peft before 0.8.2, and on a
PeftModel for sequence-to-sequence models for every release.

## Why is this bad?
`TypeError: PeftModelForCausalLM.generate() takes 1 positional argument but 2 were given`.

## Example
```python
# peft==0.8.1
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.generate(input_ids, max_new_tokens=20)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.generate(input_ids=input_ids, max_new_tokens=20)
```

## Fix safety
Safe: the argument is given by its name.

## When not to worry
Plain models, and the base model below a PeftModel, take it by position.

## Releases
peft before 0.8.2; `PeftModelForSeq2SeqLM` to this day (0.21.2).

## References
- https://github.com/huggingface/peft/issues/708
- https://github.com/huggingface/peft/pull/1393
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import task_type
from peftlint.rules.interface.receivers import is_own_class, may_be_another
from peftlint.rules.releases import caught, described, guarded, signatures
from peftlint.semantics.events import Event, MethodCalled, Wrapped

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_CLASSES = {"SEQ_2_SEQ_LM": "PeftModelForSeq2SeqLM", "CAUSAL_LM": "PeftModelForCausalLM"}


class PositionalGenerate(Rule):
    code = "PEFT903"
    name = "positional-generate"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(MethodCalled):
            event = site[0]
            call = event.call
            if event.method != "generate" or call is None or event.kind != "peft":
                continue
            if not call.positional or may_be_another(analysis, site):
                continue
            owners = {_class(analysis, e) for e in site}
            owner = owners.pop() if len(owners) == 1 else ""
            found = signatures(analysis, f"peft.{owner}.generate") if owner else []
            if not found or any(s.has_args or s.positional for s in found):
                continue
            if guarded(event) or caught(event, "TypeError") or is_own_class(analysis, event):
                continue
            message = (
                f"`{owner}.generate` of {described(analysis, 'peft')} takes keywords only: the call fails"
            )
            edits = (
                calls.positional_to_keyword(event.syntax, call.node, 0, ["input_ids"]) if _one(event) else []
            )
            fix = make_fix(event, "Give `input_ids` by name", Applicability.SAFE, edits)
            yield self.report(event, message, "give it by name: `input_ids=`", (), fix)


def _one(event: Event) -> bool:
    assert event.call is not None
    return sum(arg.keyword is None and not arg.star for arg in event.call.node.args) == 1


def _class(analysis: Analysis, event: MethodCalled) -> str:
    """The class of the PeftModel ("" if it is not known): by its own name, its config's task, or its base's class."""
    for wrapped in analysis.on(event.network, Wrapped):
        if not event.after(wrapped) or wrapped.call is None:
            continue
        named = wrapped.call.callee.split(".")[1] if wrapped.call.callee.count(".") else ""
        if named.startswith("PeftModelFor"):
            return named
        if named.startswith("AutoPeftModelFor"):
            return named.removeprefix("Auto")
        if wrapped.config is not None and wrapped.config.path is None:
            return _CLASSES.get(task_type(wrapped.config.argument("task_type")) or "", "")
    base = event.before.class_name if event.before is not None else ""
    # a checkpoint's task is most often that of the model it is loaded on
    return "PeftModelForCausalLM" if base == "AutoModelForCausalLM" else ""
