"""An adapter is addressed by a name that the model does not have.

## What it does
Flags `set_adapter`, `delete_adapter`, `adapter_names=`, `selected_adapters=` and the like with a name that no
adapter of this model can have: all of its adapters are known, and none is called that. The same for
`set_adapters` of a diffusers pipeline and the names that its LoRAs were loaded under.

## Why is this bad?
`set_adapter` raises `ValueError: Adapter zz not found.` On `model.base_model` (and in `merge_adapter`)
nothing raises: no adapter is active then, and the output is the base model's (measured).

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.set_adapter("maths")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.set_adapter("math")
```

## Fix safety
Display only: the nearest name is shown.

## When not to worry
Names that are variables, models that are partly unknown (given from outside, or handed to code that cannot be
seen), and tests that expect the exception.

## Releases
All releases; for `adapter_names=` peft 0.10 to 0.13 silently used the base model for such rows.

## References
- https://github.com/huggingface/peft/issues/1574
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdapterNamed,
    Event,
    PipelineLora,
)
from peftlint.semantics.values import Constant, Value

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.analysis import Analysis

    Naming = AdapterActivated | AdapterDeleted | AdapterNamed


class UnknownAdapterName(Rule):
    code = "PEFT106"
    name = "unknown-adapter-name"
    fixes = (Applicability.DISPLAY,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterActivated, AdapterDeleted, AdapterNamed):
            bad = [(event, name) for event in site if (name := self._unknown(event)) is not None]
            if any(event.sampled for event in site) or not self._unavoidable(
                site, [event for event, _ in bad]
            ):
                continue
            event, name = bad[0]
            if not analysis.explained(event):
                yield self._finding(analysis, event, name)
                analysis.explain(event)

        for pipelines in analysis.sites(PipelineLora):
            unknown = [(event, name) for event in pipelines if (name := self._not_loaded(analysis, event))]
            if unknown and not any(event.sampled for event in pipelines):
                asked, name = unknown[0]
                if self._unavoidable(pipelines, [event for event, _ in unknown]) and not analysis.explained(
                    asked
                ):
                    yield self._not_in_pipeline(analysis, asked, name)

    def _not_loaded(self, analysis: Analysis, event: PipelineLora) -> Constant | None:
        """The first name that `pipe.set_adapters` is given and no LoRA of the pipeline has."""
        pipeline = event.pipeline
        if event.how != "set" or pipeline is None or pipeline.uncertain or not pipeline.closed:
            return None
        known = {name for name, _ in pipeline.loras}
        if not known or event.expected_failure or event.handled:
            return None
        if not all(isinstance(name, Constant) for name in known) or any(
            analysis.all(AdapterAdded, AdapterLoaded)
        ):
            # models of the pipeline have adapters of their own
            return None
        if any(e.how == "delete" and e.identity == event.identity for e in analysis.all(PipelineLora)):
            return None
        strange = (n for n in event.names or () if isinstance(n, Constant) and isinstance(n.value, str))
        return next((name for name in strange if name not in known), None)

    def _not_in_pipeline(self, analysis: Analysis, event: PipelineLora, name: Constant) -> Diagnostic:
        assert event.pipeline is not None
        loras = event.pipeline.loras
        known = words.listed(each for each, _ in loras if each is not None)
        trace = [analysis.step(f"{words.value(each, '')} is loaded here", load) for each, load in loras]
        trace.append(analysis.step(f"{name.value!r} is none of them", event))
        near = difflib.get_close_matches(
            name.value, [str(words.value(n, "")).strip("'") for n, _ in loras], n=1
        )
        help = f"did you mean {near[0]!r}?" if near else f"use one of {known}, or load {name.value!r} first"
        message = f"this pipeline has no LoRA {name.value!r}: it has {known}"
        return self.report(event, message, help, trace, self._fix(event, name, near))

    def _unavoidable(self, site: Sequence[Event], bad: Sequence[Event]) -> bool:
        """Every path to the call is bad, there or in another round of a loop over names."""
        return bool(bad) and all(
            any(b is each or b.after(each) or each.after(b) for b in bad) for each in site
        )

    def _unknown(self, event: Naming) -> Constant | None:
        """The first name that the model cannot have."""
        network = event.before
        if network is None or not network.closed or network.uncertain or not event.names:
            return None
        if event.expected_failure or event.handled or not network.adapters:
            return None
        known = {adapter.name for adapter in network.adapters}
        if not all(isinstance(name, Constant) and isinstance(name.value, str) for name in known):
            return None
        for name in event.names:
            if not isinstance(name, Constant) or not isinstance(name.value, str) or name.value == "__base__":
                continue
            if name.value == "default" and network.source is not None and not network.wrappers:
                # what `from_pretrained` was given may itself be an adapter, which is then called "default"
                continue
            if name not in known and name not in network.deleted:
                return name
        return None

    def _finding(self, analysis: Analysis, event: Naming, name: Constant) -> Diagnostic:
        assert event.before is not None
        adapters = event.before.adapters
        known = words.listed(adapter.name for adapter in adapters)
        trace = [
            analysis.step(f"{words.adapter(adapter)} comes from here", adapter.created)
            for adapter in adapters
            if adapter.created is not None
        ]
        trace.append(analysis.step(f"{name.value!r} is none of them", event))
        message = f"this model has no adapter {name.value!r}: it has {known}"
        near = difflib.get_close_matches(
            name.value, [str(words.value(a.name, "")).strip("'") for a in adapters], n=1
        )
        help = f"did you mean {near[0]!r}?" if near else f"use one of {known}, or load {name.value!r} first"
        return self.report(event, message, help, trace, self._fix(event, name, near))

    def _fix(self, event: Event, name: Value, near: list[str]) -> Fix | None:
        node = self._literal(event, name)
        if node is None or not near:
            return None
        edits = text.replace(event.syntax, node, repr(near[0]).replace("'", '"'))
        return make_fix(event, f"Use {near[0]!r}", Applicability.DISPLAY, edits)

    def _literal(self, event: Event, name: Value) -> cst.BaseExpression | None:
        """The string in the call, if it stands there."""
        import libcst as cst

        if event.call is None or not isinstance(name, Constant):
            return None
        for arg in event.call.node.args:
            if isinstance(arg.value, cst.SimpleString) and arg.value.evaluated_value == name.value:
                return arg.value
        return None
