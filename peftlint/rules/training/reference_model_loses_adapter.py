"""DPO goes on with a trained adapter, and its reference model is the bare base model.

## What it does
Flags `DPOTrainer` with a PeftModel whose adapter was trained before (loaded with `is_trainable=True`),
without `ref_model` and without `ref_adapter_name`, for projects that use TRL before 0.29. Flags `DPOTrainer`
with both `ref_model` and `peft_config`, for projects that use TRL 0.8 to 0.27.

## Why is this bad?
For the reference these releases switch the adapter off: what remains is the base model, not the model of the
SFT stage. The loss starts away from log 2 and pulls the policy back to the base (measured with TRL 0.23: 0.98
at the first step instead of 0.69). Nothing warns.

With `ref_model` and `peft_config` these releases raise "You passed both a ref_model and a peft_config" (source of
the wheels of TRL 0.8.6 to 0.27.2), because the policy without its adapter is the reference.

## Example
```python
# trl==0.23.0
from peft import PeftModel
from transformers import AutoModelForCausalLM
from trl import DPOConfig, DPOTrainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "sft", is_trainable=True)
trainer = DPOTrainer(model=model, ref_model=None, args=DPOConfig("out"), train_dataset=pairs)
trainer.train()
```

## Use instead
```python
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM
from trl import DPOConfig, DPOTrainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "sft").merge_and_unload()
args = DPOConfig("out")
trainer = DPOTrainer(model=model, ref_model=None, args=args, train_dataset=pairs, peft_config=LoraConfig())
trainer.train()
```

## Fix safety
No fix: merge the SFT adapter, load it twice (`model_adapter_name=`, `ref_adapter_name=`), or pass a
`ref_model`.

## When not to worry
A fresh adapter: switched off it is what training starts from. TRL 0.29 and later copy the adapter themselves.
With `force_use_ref_model=True` the trainer takes both.

## Releases
TRL before 0.29; both arguments: TRL 0.8 to 0.27.

## References
- https://github.com/huggingface/trl/issues/1340
- https://github.com/huggingface/trl/pull/1193
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import Event, TrainerBuilt
from peftlint.semantics.records import Config, Instance, Network, Wrapper
from peftlint.semantics.values import NONE, Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: settings that give the trainer another reference, or none
_REFERENCES = (
    "ref_model",
    "ref_adapter_name",
    "force_use_ref_model",
    "reference_free",
    "ref_model_init_kwargs",
    "loss_type",
)


class ReferenceModelLosesAdapter(Rule):
    code = "PEFT406"
    name = "reference-model-loses-adapter"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        if not analysis.targets.trl.every("<0.29"):
            return
        for site in analysis.sites(TrainerBuilt):
            bad = [event for event in site if self._trained_before(analysis, event) is not None]
            if not bad:
                continue
            event, loaded = bad[0], self._trained_before(analysis, bad[0])
            if loaded is None or analysis.explained(event) or not analysis.must(site, event, bad, loaded):
                continue
            trace = [
                analysis.step("the adapter that was trained before is loaded here", loaded),
                analysis.step("the reference is this model with its adapter switched off", event),
            ]
            folder = words.path(
                loaded, getattr(loaded, "path", None), "model_id", "pretrained_model_name_or_path"
            )
            message = (
                f"the reference model is the base model without the adapter from {folder}: "
                "TRL before 0.29 switches it off"
            )
            help = "merge the adapter first, or load it a second time and name it with `ref_adapter_name`"
            yield self.report(event, message, help, trace)
            analysis.explain(event)
        if analysis.targets.trl.every(">=0.8,<0.28"):
            yield from self._both_given(analysis)

    def _both_given(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """`ref_model` and `peft_config` in one call, on every path to it."""
        for site in analysis.sites(TrainerBuilt):
            if all(self._raises(analysis, event) for event in site) and not analysis.explained(site[0]):
                trace = [analysis.step("the policy without its adapter is the reference already", site[0])]
                message = (
                    "DPOTrainer takes `ref_model` or `peft_config`, not both, and raises in this release"
                )
                yield self.report(site[0], message, "leave out `ref_model`", trace)
                analysis.explain(site[0])

    def _raises(self, analysis: Analysis, event: TrainerBuilt) -> bool:
        call = event.call
        if (
            call is None
            or call.callee != "trl.DPOTrainer"
            or call.open
            or event.handled
            or event.expected_failure
        ):
            return False
        if not isinstance(analysis.interpreter.record_of(event.peft_config), Config):
            return False
        given = {**call.arguments, **call.unknown}
        settings = analysis.interpreter.record_of(given.get("args"))
        if isinstance(settings, Instance):
            given = {**dict(settings.attributes), **given}
        elif "force_use_ref_model" in event.syntax.code:
            # whoever gives the settings may have set it
            return False
        reference = analysis.interpreter.record_of(given.get("ref_model"))
        return isinstance(reference, Network | Wrapper) and "force_use_ref_model" not in given

    def _trained_before(self, analysis: Analysis, event: TrainerBuilt) -> Event | None:
        """What loaded the adapter that policy and reference should both start from."""
        network, call = event.before, event.call
        if (
            call is None
            or call.callee != "trl.DPOTrainer"
            or call.open
            or network is None
            or network.uncertain
        ):
            return None
        if not isinstance(analysis.interpreter.record_of(event.model), Wrapper) or event.peft_config not in (
            None,
            NONE,
        ):
            return None
        given = {**call.arguments, **call.unknown}
        settings = given.get("args")
        if isinstance(settings, Reference):
            record = analysis.interpreter.record_of(settings)
            if not isinstance(record, Instance) or not isinstance(record.cls, str):
                return None
            given = {**given, **dict(record.attributes)}
        elif settings is not None:
            return None
        if any(given.get(name, NONE) != NONE for name in _REFERENCES):
            return None
        adapters = network.active_adapters()
        if len(network.adapters) != 1 or len(adapters) != 1 or adapters[0].trainable is not True:
            return None
        return adapters[0].created if adapters[0].origin == "loaded" else None
