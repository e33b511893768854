"""DPO goes on with a trained adapter, and its reference model is the bare base model.

## What it does
Flags `DPOTrainer` with a PeftModel whose adapter was trained before (loaded with `is_trainable=True`),
without `ref_model` and without `ref_adapter_name`, for projects that use TRL before 0.29.

## Why is this bad?
For the reference these releases switch the adapter off: what remains is the base model, not the model of the
SFT stage. The loss starts away from log 2 and pulls the policy back to the base (measured with TRL 0.23: 0.98
at the first step instead of 0.69). Nothing warns.

## Example
```python
model = PeftModel.from_pretrained(base, "sft", is_trainable=True)
trainer = DPOTrainer(model=model, ref_model=None, args=args, train_dataset=pairs)
```

## Use instead
```python
model = PeftModel.from_pretrained(base, "sft").merge_and_unload()
trainer = DPOTrainer(model=model, ref_model=None, args=args, train_dataset=pairs, peft_config=LoraConfig())
```

## Fix safety
No fix: merge the SFT adapter, load it twice (`model_adapter_name=`, `ref_adapter_name=`), or pass a
`ref_model`.

## When not to worry
A fresh adapter: switched off it is what training starts from. TRL 0.29 and later copy the adapter themselves.

## Releases
TRL before 0.29.

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
from peftlint.semantics.records import Instance, Wrapper
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
