"""An adapter whose initialisation changes the base weights stands where the untouched base is needed.

## What it does
Flags PiSSA, OLoRA and CorDA adapters on a model that is also run with `disable_adapter()`, or that gets
another saved adapter beside them; such an adapter that is added beside others; and one that was saved without
conversion and is loaded beside others.

## Why is this bad?
These initialisations take the adapter's start out of the base weights. With the adapter off, the model is not
the base model (measured with PiSSA: reference logits differ from the base model's), and an adapter that was
trained on the real base gives other outputs on what is left of it. Nothing warns.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(init_lora_weights="pissa"))
with model.disable_adapter():
    reference = model(**batch).logits
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
with model.disable_adapter():
    reference = model(**batch).logits
```
or a second, untouched model as the reference; and `save_pretrained(DIR,
path_initial_model_for_weight_conversion=START)` for adapters that others will load.

## Fix safety
No fix: another initialisation, another reference and a conversion are all possible.

## When not to worry
Such an adapter alone; eva, gaussian and orthogonal, which leave the base as it is; adapters converted on
saving.

## Releases
peft 0.11 and later.

## References
- https://github.com/huggingface/peft/issues/1929
- https://github.com/huggingface/peft/issues/2075
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import AdapterAdded, AdapterLoaded, AdaptersDisabled, Saved, Used
from peftlint.semantics.values import same, text

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event
    from peftlint.semantics.records import Adapter, Config, Network

_INITS = ("pissa", "olora", "corda")


class BaseChangingInit(Rule):
    code = "PEFT204"
    name = "base-changing-init"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        yield from self._added_beside_others(analysis)
        for site in analysis.sites(AdaptersDisabled, AdapterLoaded):
            bad = {
                event.index: found for event in site if (found := self._changed(analysis, event)) is not None
            }
            for event in site:
                if event.index not in bad or analysis.in_test(event):
                    continue
                adapter, cause = bad[event.index]
                if analysis.must(site, event, [e for e in site if e.index in bad], adapter.created, cause):
                    yield self._finding(analysis, event, adapter, cause)
                break

    def _added_beside_others(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """Such an adapter, made on a model that has others: the base is another one for these from here on."""
        for site in analysis.sites(AdapterAdded):
            event = site[0]
            network, init = event.before, _init_of(event.config)
            if network is None or network.uncertain or event.expected_failure or analysis.in_test(event):
                continue
            if init.partition("_niter")[0] not in _INITS or len(site) > 1:
                continue
            saved = any(each.through == "peft" for each in analysis.later(event, Saved))
            other = next(
                (a for a in network.adapters if a.origin == "loaded" or a.trained is True or saved), None
            )
            if other is None or other.created is None or not analysis.certain(event, other.created):
                continue
            trace = [
                analysis.step(f"{words.adapter(other)} is made for the base as it is", other.created),
                analysis.step(f"{init!r} changes the base weights here", event),
            ]
            message = f"{init!r} changes the base weights under {words.adapter(other)}, which gives other outputs from here on"
            help = "make it on a base of its own, or use an initialisation that leaves the base alone"
            yield self.report(event, message, help, trace)

    def _changed(self, analysis: Analysis, event: Event) -> tuple[Adapter, Event | None] | None:
        """The adapter that changed the base below the event, and the saving that did not convert it."""
        network = event.before
        if network is None or network.uncertain or event.expected_failure:
            return None
        if isinstance(event, AdaptersDisabled):
            adapter = _base_changing(analysis, network)
            runs = any(
                used.before is not None and used.before.enabled is False
                for used in analysis.later(event, Used)
            )
            return (adapter, None) if adapter is not None and event.scope == "context" and runs else None
        if not isinstance(event, AdapterLoaded) or event.adapter is None or event.replaced is not None:
            return None
        adapter = _base_changing(analysis, network)
        if adapter is not None:
            return adapter, None
        for saved in analysis.all(Saved):
            if saved.through != "peft" or not event.after(saved) or same(saved.path, event.path) is not True:
                continue
            made = _base_changing(analysis, saved.before)
            if (
                made is not None
                and network.adapters
                and saved.network != event.network
                and not _converts(saved)
            ):
                return made, saved
        return None

    def _finding(self, analysis: Analysis, event: Event, adapter: Adapter, cause: Event | None) -> Diagnostic:
        init = _init(analysis, adapter)
        trace = []
        if adapter.created is not None:
            trace.append(
                analysis.step(
                    f"{words.adapter(adapter)} is made with {init!r}, which changes the base weights",
                    adapter.created,
                )
            )
        if cause is not None:
            trace.append(analysis.step("it is saved without conversion here", cause))
        if isinstance(event, AdaptersDisabled):
            trace.append(analysis.step("the model runs without it here", event))
            message = (
                f"{init!r} changed the base weights: with the adapter disabled this is not the base model"
            )
            help = "use an initialisation that leaves the base alone, or another copy of the base model as the reference"
        elif cause is not None:
            trace.append(analysis.step("it is loaded beside another adapter here", event))
            message = f"this adapter was made with {init!r} and not converted: loading it changes the base under the other adapters"
            help = (
                "save it with `path_initial_model_for_weight_conversion=`, which makes an ordinary LoRA of it"
            )
        else:
            trace.append(analysis.step("an adapter of the untouched base is loaded here", event))
            message = f"{init!r} changed the base weights: an adapter that was trained on the real base gives other outputs here"
            help = "load it on a base of its own, or use an initialisation that leaves the base alone"
        return self.report(event, message, help, trace)


def _init(analysis: Analysis, adapter: Adapter) -> str:
    return _init_of(analysis.config(adapter))


def _init_of(config: Config | None) -> str:
    return (
        (text(config.argument("init_lora_weights")) or "")
        if config is not None and config.path is None
        else ""
    )


def _base_changing(analysis: Analysis, network: Network | None) -> Adapter | None:
    for adapter in network.adapters if network is not None else ():
        if adapter.origin == "fresh" and _init(analysis, adapter).partition("_niter")[0] in _INITS:
            return adapter
    return None


def _converts(saved: Event) -> bool:
    call = saved.call
    if call is None or call.open:
        return True
    return any("conver" in name for name in (*call.arguments, *call.unknown))
