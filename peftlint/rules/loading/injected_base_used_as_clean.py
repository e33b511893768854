"""The base variable is run as if it were still the plain model, after an adapter was injected into it.

## What it does
Flags a base model (its variable, `get_base_model()`, `.base_model.model`) that is run beside the PeftModel
around it, as the reference of a comparison or as the "unloaded" model, while the adapter is in effect; and one that
is given to a trainer as the `ref_model` of the PeftModel around it.

## Why is this bad?
`PeftModel.from_pretrained(base, ...)` and `get_peft_model(base, ...)` change `base` in place: it computes the
adapted output (measured: `torch.equal(base(x).logits, model(x).logits)`). Both sides of a comparison come
from the adapted model, and re-pointing a variable to the base unloads nothing. Nothing warns. A reference model
that is the policy's own base changes with it; the DPOTrainer of TRL 1.16 stops at the first step with a TypeError. This is the
commonest silent bug in public repositories.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
before = base.generate(**inputs)
after = model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
with model.disable_adapter():
    before = model.generate(**inputs)
after = model.generate(**inputs)
```

## Fix safety
Unsafe: the statement is put into `with model.disable_adapter():`, where the PeftModel's variable is in reach.

## When not to worry
`base.config`, `base.eval()`, `base.to()`, the base inside `with model.disable_adapter()`, the base after
`unload()`, results computed before wrapping, and programs that go on with the base variable alone as their
model.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/940
- https://github.com/huggingface/peft/issues/430
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import blocks
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.pairs import beside_reloaded
from peftlint.semantics.events import (
    AdapterDeleted,
    AdaptersDisabled,
    Escaped,
    Event,
    HandedOut,
    Merged,
    Trained,
    TrainerBuilt,
    Used,
    Wrapped,
)
from peftlint.semantics.records import Network
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class InjectedBaseUsedAsClean(Rule):
    code = "PEFT112"
    name = "injected-base-used-as-clean"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        yield from self._references(analysis)
        handed_out_first: list[list[HandedOut] | list[Used]] = [
            *analysis.sites(HandedOut),
            *analysis.sites(Used),
        ]
        for site in handed_out_first:
            for event in site:
                wrap = self._wrap(analysis, event) or self._still_in_place(analysis, event)
                if wrap is None or analysis.explained(event, wrap):
                    continue
                other = self._wrapper_used(analysis, event)
                if other is None or not analysis.certain(event, wrap):
                    continue
                yield self._finding(analysis, event, wrap, other)
                if isinstance(event, HandedOut):
                    analysis.explain(
                        *(used for used in analysis.on(event.network, Used) if used.after(event))
                    )
                break

    def _references(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """The base as `ref_model` of a trainer whose policy is the PeftModel around it."""
        for site in analysis.sites(TrainerBuilt):
            event = site[0]
            network, wrap = event.before, event.before.wrapped_by if event.before is not None else None
            given = event.call.value("ref_model") if event.call is not None else None
            if network is None or network.uncertain or network.merged or not isinstance(wrap, Wrapped):
                continue
            if (
                not isinstance(given, Reference)
                or given.id != event.network
                or event.handle not in network.wrappers
            ):
                continue
            if len(site) > 1 or analysis.explained(wrap) or not analysis.certain(event, wrap):
                continue
            trace = [
                analysis.step("the adapter is injected into the base here, in place", wrap),
                analysis.step("the trainer compares the PeftModel with these very layers", event),
            ]
            message = "the reference model is the base of the PeftModel that is trained: the adapter was injected into it too"
            help = "leave `ref_model` out: the trainer then takes the policy with its adapter disabled"
            yield self.report(event, message, help, trace)

    def _wrap(self, analysis: Analysis, event: Used | HandedOut) -> Wrapped | None:
        """The wrap that injected the adapter, if the event uses the raw network while an adapter is in effect."""
        network = event.before
        if (
            network is None
            or not event.raw
            or not network.wrappers
            or event.expected_failure
            or network.uncertain
        ):
            return None
        effective = network.effective()
        if not effective or network.merged or network.kind not in ("transformers", "torch", "diffusers"):
            return None
        active = network.active_adapters()
        fresh = active and all(a.neutral is True and a.trained is False for a in active)
        if fresh and not self._learns_meanwhile(analysis, event):
            # a fresh adapter changes nothing yet: its output still is the base's
            return None
        if isinstance(event, HandedOut) and not self._looks_unloaded(event):
            return None
        return network.wrapped_by if isinstance(network.wrapped_by, Wrapped) else None

    def _learns_meanwhile(self, analysis: Analysis, event: Event) -> bool:
        """Is the event in what a trainer of this model calls in each step (`compute_loss`)?"""
        around = set(map(id, event.stack))
        return any(
            trained.how == "trainer" and id(trained.node) in around
            for trained in analysis.on(event.network, Trained)
        )

    def _still_in_place(self, analysis: Analysis, event: Used | HandedOut) -> Wrapped | None:
        """The wrap, if a method runs the base or takes it out of the PeftModel, and nothing in the program unloads or merges.

        In which order methods are called is not known, so what is active then is not; that the layers are still
        in place is.
        """
        network = event.before
        if network is None or not event.raw or event.expected_failure:
            return None
        if not network.uncertain and (network.active is not None or network.merged or not network.enabled):
            return None
        if isinstance(event, HandedOut) and not self._looks_unloaded(event):
            return None
        loaded = network.adapters and all(adapter.origin == "loaded" for adapter in network.adapters)
        taken_out = any(
            True for _ in analysis.on(event.network, Merged, AdapterDeleted, AdaptersDisabled, Escaped)
        )
        return (
            network.wrapped_by
            if loaded and not taken_out and isinstance(network.wrapped_by, Wrapped)
            else None
        )

    def _looks_unloaded(self, event: HandedOut) -> bool:
        """`self.model = self.base_model` where `self.model` was the PeftModel: taken for unloading."""
        return (
            event.how == "assign"
            and event.replaced is not None
            and event.before is not None
            and (event.replaced in event.before.wrappers)
        )

    def _wrapper_used(self, analysis: Analysis, event: Event) -> Event | None:
        """A use of the wrapper: the program tells the two apart."""
        assert isinstance(event.before, Network)
        if isinstance(event, HandedOut):
            return event
        for used in analysis.on(event.network, Used):
            if used.handle in event.before.wrappers:
                return used
        return beside_reloaded(analysis, event) if isinstance(event, Used) else None

    def _finding(self, analysis: Analysis, event: Event, wrap: Wrapped, other: Event) -> Diagnostic:
        base = words.receiver(event) if isinstance(event, Used) else "the base model"
        trace = [
            analysis.step("the adapter is injected into the base here, in place", wrap),
            analysis.step(
                f"{base} runs with the adapter here"
                if isinstance(event, Used)
                else "the adapter stays in it",
                event,
            ),
        ]
        if other.network != event.network:
            trace.append(analysis.step("the model with the adapter loaded gets the same input here", other))
        elif other is not event:
            trace.append(analysis.step("the PeftModel around it runs the same layers here", other))
        if isinstance(event, HandedOut):
            message = f"`{event.target}` goes back to the base variable, but the adapter was injected into it and stays active"
            help = "take the adapter out with `unload()`, or use `with model.disable_adapter():`"
            return self.report(event, message, help, trace)
        message = f"{base} is not the plain model any more: the adapter was injected into it, and it gives the adapted output"
        help = "run the reference inside `with model.disable_adapter():`"
        named = event.call.receiver_node or event.call.node.func if event.call is not None else event.node
        node, syntax = analysis.seen_from(event, wrap, named)  # type: ignore[arg-type]
        exact = node is event.node and other.network == event.network
        fix = self._fix(analysis, event, other) if exact else None
        return self.report(event, message, help, trace, fix, node, syntax)

    def _fix(self, analysis: Analysis, event: Event, other: Event) -> Fix | None:
        syntax = event.syntax
        statement = syntax.statement(event.node)
        node = other.call.receiver_node if other.call is not None else None
        if node is None and other.call is not None:
            node = other.call.node.func
        if node is None or not isinstance(statement, cst.SimpleStatementLine) or other.syntax is not syntax:
            return None
        if other.stack != event.stack or syntax.context(statement) != syntax.context(other.node):
            return None
        name = syntax.text(node).removesuffix(".generate")
        edits = blocks.wrap_statements_in_with(
            syntax, event.node, event.node, f"with {name}.disable_adapter():"
        )
        return make_fix(event, "Run it with the adapter disabled", Applicability.UNSAFE, edits)
