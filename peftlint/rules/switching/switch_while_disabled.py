"""An adapter is chosen while adapters are disabled: the output stays the base model's.

## What it does
Flags `set_adapter` and `load_adapter` (`set_adapters` and `load_lora_weights` of pipelines) after
`disable_adapter_layers()`, `disable_adapters()` or `disable_lora()` with no enabling afterwards, and inside
`with model.disable_adapter():` where the chosen adapter is used in the same block.

## Why is this bad?
Choosing an adapter does not enable adapters. Every use until they are enabled gives the base model's output
(measured: logits equal to the base model's, images equal to those without a LoRA). Nothing warns.

## Example
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/code", adapter_name="code")
model.disable_adapters()
before = model(**inputs).logits
model.set_adapter("code")
after = model(**inputs).logits
```

## Use instead
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/code", adapter_name="code")
model.disable_adapters()
before = model(**inputs).logits
model.enable_adapters()
model.set_adapter("code")
after = model(**inputs).logits
```

## Fix safety
Unsafe: the adapters are enabled just before the switch. None inside a `with` block, whose extent is for the
author to say.

## When not to worry
Enabling after the choice is as good as before it. A choice inside `with model.disable_adapter():` that is
used after the block takes effect there. Switching while *merged* is right on a PeftModel: it un-merges by
itself.

## Releases
All releases of peft, transformers and diffusers.

## References
- https://github.com/huggingface/peft/issues/1444
- https://github.com/huggingface/diffusers/issues/11408
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterLoaded,
    AdaptersDisabled,
    AdaptersEnabled,
    Escaped,
    Event,
    HandedOut,
    PipelineLora,
    Used,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

    Switch = AdapterActivated | AdapterLoaded | AdapterAdded | PipelineLora


class SwitchWhileDisabled(Rule):
    code = "PEFT306"
    name = "switch-while-disabled"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterActivated, AdapterLoaded, AdapterAdded, PipelineLora):
            for event in site:
                disabled = self._disabled_by(analysis, event)
                if disabled is None or event.expected_failure or analysis.explained(disabled):
                    continue
                if isinstance(event, PipelineLora):
                    used = self._pipeline_used(analysis, event)
                else:
                    used = self._used(analysis, event, disabled)
                if used is None or not analysis.certain(event, disabled) or not analysis.certain(used, event):
                    continue
                yield self._finding(analysis, event, disabled, used)
                analysis.explain(disabled)
                break

    def _disabled_by(self, analysis: Analysis, event: Switch) -> Event | None:
        if isinstance(event, PipelineLora):
            if event.pipeline is None or event.pipeline.enabled or event.pipeline.uncertain:
                return None
            if event.how not in ("set", "load"):
                return None
            earlier = analysis.earlier(event, PipelineLora)
            return next((e for e in earlier if e.how == "disable" and e.identity == event.identity), None)
        network = event.before
        if network is None or network.enabled is not False:
            return None
        if not isinstance(event, AdapterActivated) and event.activates is not True:
            return None
        return network.disabled_by

    def _used(self, analysis: Analysis, event: Switch, disabled: Event) -> Event | None:
        """A use in vain of the chosen adapter, if it never takes effect; the event where nobody enables at all."""
        assert isinstance(disabled, AdaptersDisabled)
        uses = [use for use in analysis.on(event.network, Used) if use.after(event)]
        in_vain = [use for use in uses if use.before is not None and use.before.disabled_by is disabled]
        if disabled.scope == "context":
            switches = [s for s in analysis.on(event.network, AdapterActivated) if s.after(event)]
            effective = any(
                use not in in_vain and not any(use.after(switch) for switch in switches) for use in uses
            )
            return None if effective or not in_vain else in_vain[0]
        if any(analysis.later(event, AdaptersEnabled)):
            return None
        if in_vain or uses:
            return in_vain[0] if in_vain else None
        given_away = any(analysis.later(event, Escaped)) or any(
            out.how == "return" and not out.stack and out.entry for out in analysis.later(event, HandedOut)
        )
        return None if given_away else event

    def _pipeline_used(self, analysis: Analysis, event: PipelineLora) -> Event | None:
        later = [e for e in analysis.later(event, PipelineLora) if e.identity == event.identity]
        if any(e.how == "enable" for e in later):
            return None
        return next(
            (e for e in later if e.how == "use" and e.pipeline is not None and not e.pipeline.enabled), None
        )

    def _finding(self, analysis: Analysis, event: Switch, disabled: Event, used: Event) -> Diagnostic:
        model = words.receiver(event)
        trace = [
            analysis.step("adapters are disabled here", disabled),
            analysis.step("an adapter is chosen here, and stays disabled", event),
        ]
        if used is not event:
            trace.append(analysis.step("the base model answers here", used))
        message = f"the adapters of {model} are disabled: choosing one leaves the base model's output"
        help = "enable the adapters first (or leave the `with` block before choosing)"
        return self.report(event, message, help, trace, self._fix(event, disabled))

    def _fix(self, event: Switch, disabled: Event) -> Fix | None:
        if event.call is None or event.call.receiver_node is None or disabled.call is None:
            return None
        syntax = event.syntax
        model = syntax.text(event.call.receiver_node).removesuffix(".base_model")
        method = disabled.call.callee.rpartition(":")[2].replace("disable", "enable")
        owner = f"{model}.base_model" if method == "enable_adapter_layers" else model
        edits = statements.insert_statement_before(syntax, event.node, f"{owner}.{method}()")
        return make_fix(event, "Enable the adapters first", Applicability.UNSAFE, edits)
