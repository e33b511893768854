"""A TRL trainer gets a `peft_config` and a model that already has an adapter.

## What it does
Flags TRL trainers that are given a `peft_config` together with a PeftModel, or with the raw model after
`get_peft_model(model, ...)` has put an adapter into its layers.

## Why is this bad?
The trainer adds the adapter itself. For a PeftModel it raises `ValueError: You passed a PeftModel instance
together with a peft_config` (since TRL 0.27). It takes the raw variable, whose layers hold the first adapter:
that one is trained too wherever the new config has no layer, and is lost when the result is loaded (measured:
the saved adapter on a fresh base gives other logits than the trained model).

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

base = AutoModelForCausalLM.from_pretrained("base")
config = LoraConfig()
model = get_peft_model(base, config)
trainer = SFTTrainer(model=model, peft_config=config, train_dataset=data)
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
trainer = SFTTrainer(model=model, train_dataset=data)
```

## Fix safety
Unsafe: the `peft_config` argument is removed where the model is a PeftModel. For a raw model there is no fix.

## When not to worry
`peft_config=None`, a config that is given only to models without adapter, a merged model with a new config.

## Releases
PeftModel: TRL 0.27 and later (earlier ones merge the first adapter or ignore the config). Raw model: all
releases.

## References
- https://github.com/huggingface/trl/pull/4713
- https://github.com/huggingface/cookbook/pull/338
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import Event, TrainerBuilt, Wrapped
from peftlint.semantics.records import Config, Wrapper
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class PeftConfigAndPeftModel(Rule):
    code = "PEFT405"
    name = "peft-config-and-peft-model"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(TrainerBuilt):
            bad = [event for event in site if self._twice(analysis, event)]
            if not bad:
                continue
            event = bad[0]
            wrap = event.before.wrapped_by if event.before is not None else None
            if wrap is None or not analysis.must(site, event, bad, wrap) or analysis.explained(event):
                continue
            yield self._finding(analysis, event, wrap)
            analysis.explain(event)

    def _twice(self, analysis: Analysis, event: TrainerBuilt) -> bool:
        network = event.before
        if (
            event.call is None
            or not event.call.callee.startswith("trl.")
            or event.expected_failure
            or event.handled
        ):
            return False
        if (
            network is None
            or network.uncertain
            or not network.adapters
            or not isinstance(network.wrapped_by, Wrapped)
        ):
            return False
        if not isinstance(analysis.interpreter.record_of(event.peft_config), Config):
            return False
        return not self._is_wrapper(analysis, event) or analysis.targets.trl.every(">=0.27")

    def _is_wrapper(self, analysis: Analysis, event: TrainerBuilt) -> bool:
        return isinstance(event.model, Reference) and isinstance(
            analysis.interpreter.record_of(event.model), Wrapper
        )

    def _finding(self, analysis: Analysis, event: TrainerBuilt, wrap: Event) -> Diagnostic:
        assert event.call is not None
        given = event.call.nodes.get("peft_config")
        model = words.argument(event, "model") or "the model"
        trace = [
            analysis.step("the model gets its adapter here", wrap),
            analysis.step(f"{event.class_name} is to add another one here", event),
        ]
        fix = None
        if self._is_wrapper(analysis, event):
            outcome = f"{event.class_name} takes no `peft_config` for a PeftModel and raises"
            help = "leave out `peft_config`, or give the trainer the model before it was wrapped"
            if given is not None and given.keyword is not None:
                edits = calls.remove_arguments(event.syntax, event.call.node, [given])
                fix = make_fix(event, "Leave out `peft_config`", Applicability.UNSAFE, edits)
        else:
            outcome = (
                "the first adapter stays in its layers, is used in training, and is missing in what is saved"
            )
            help = "give the trainer a model that no adapter was added to"
        message = f"`{model}` has an adapter already: {outcome}"
        return self.report(event, message, help, trace, fix)
