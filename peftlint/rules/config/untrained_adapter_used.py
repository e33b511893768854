"""An adapter that was never trained or loaded answers; the output is the base model's.

## What it does
Flags the first use for inference (a forward pass, `generate`, a comparison of logits) of a model whose active
adapters are all fresh: made from a config in the same program, never trained, never loaded.

## Why is this bad?
With the default initialisation a fresh adapter changes nothing (lora_B is zero; measured: logits equal to the
base model's, largest difference 0.0). Switching between such adapters shows no difference either, and nothing
warns.

## Example
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(LoraConfig(target_modules=["q_proj"]), adapter_name="a")
model.add_adapter(LoraConfig(target_modules=["q_proj"]), adapter_name="b")
model.set_adapter("a")
first = model(ids).logits
```

## Use instead
Load trained weights with `load_adapter` or `PeftModel.from_pretrained`. To see only that switching works,
make the fresh adapters random:
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(LoraConfig(target_modules=["q_proj"], init_lora_weights=False), adapter_name="a")
model.add_adapter(LoraConfig(target_modules=["q_proj"], init_lora_weights=False), adapter_name="b")
model.set_adapter("a")
first = model(ids).logits
```

## Fix safety
Unsafe: `init_lora_weights=False` is put into the configs where a program does nothing but switch between
fresh adapters. No fix where trained weights are meant: which ones is for the author to say.

## When not to worry
A forward pass before training (a baseline loss, a shape check in a training script or a test), adapters that
are trained or loaded anywhere in the program, prompt learning methods (which change the output from the
start), and models that are handed on to code that cannot be seen are left alone.

## Releases
All releases of peft.

## References
- https://github.com/huggingface/peft/issues/1802
- https://github.com/huggingface/peft/issues/793
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix
from peftlint.fixes import calls
from peftlint.fixes.text import ancestors
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.checkpoints import returned_from_entry
from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    AdaptersDisabled,
    Compared,
    Escaped,
    Saved,
    Trained,
    TrainerBuilt,
    Used,
    WeightsPatched,
    Wrapped,
)
from peftlint.semantics.values import TRUE, sources_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.records import Adapter


#: what a fresh adapter is for
_MEANT = (Trained, TrainerBuilt, WeightsPatched, AdapterLoaded, Escaped, Saved, Wrapped)


class UntrainedAdapterUsed(Rule):
    code = "PEFT201"
    name = "untrained-adapter-used"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        reported: set[int] = set()
        for site in analysis.sites(Used):
            for event in site:
                adapters = self._untrained(event)
                if not adapters or analysis.explained(*(a.created for a in adapters)):
                    continue
                if all(id(a.created.node) in reported for a in adapters if a.created is not None):
                    continue
                # on no path may the adapter be a trained one: "load it, or else create it" is right
                others = [e for e in site if not self._untrained(e)]
                if not all(e.after(event) or event.after(e) for e in others):
                    continue
                if self._may_be_meant(analysis, event, adapters):
                    continue
                if not analysis.certain(event, *(a.created for a in adapters)):
                    continue
                reported |= {id(a.created.node) for a in adapters if a.created is not None}
                yield self._finding(analysis, event, adapters)
                break

    def _untrained(self, event: Used) -> list[Adapter]:
        """The active adapters, if every one of them is fresh and a no-op."""
        network = event.before
        if network is None or network.enabled is not True or network.active is None or event.expected_failure:
            return []
        if network.trained is not False or network.merged is not False:
            return []
        if event.call is not None and {"adapter_names", "labels"} & {
            *event.call.arguments,
            *event.call.unknown,
        }:
            return []
        adapters = list(network.active_adapters())
        if not adapters or len(adapters) != len(network.active):
            return []
        fresh = all(a.origin == "fresh" and a.neutral is True and a.trained is False for a in adapters)
        return adapters if fresh else []

    def _may_be_meant(self, analysis: Analysis, event: Used, adapters: list[Adapter]) -> bool:
        """Training or loading follows, or somebody who cannot be seen gets the model."""
        # the same code may make the adapter of several objects, some of which are trained elsewhere
        made = {id(a.created.node) for a in adapters if a.created is not None}
        alike = {e.network for e in analysis.all(Wrapped, AdapterAdded) if id(e.node) in made}
        if any(
            True for network in alike - {event.network} for _ in analysis.on(network, Trained, TrainerBuilt)
        ):
            return True
        for later in analysis.later(event, *_MEANT):
            if not isinstance(later, Trained) or later.network is not None or later.after(event):
                return True
        return (
            self._given_out(analysis, event)
            or _trained_by_framework(analysis, event)
            or returned_from_entry(analysis, event)
            or (analysis.in_test(event) and not self._must_differ(analysis, event))
        )

    def _given_out(self, analysis: Analysis, event: Used) -> bool:
        """Does a function give what the model computes, with gradients, to a caller that is not seen? He may train with it."""
        return any(
            used.how == "forward"
            and used.inference is not True
            and used.entry in analysis.interpreter.giving_out
            for used in analysis.on(event.network, Used)
        )

    def _must_differ(self, analysis: Analysis, event: Used) -> bool:
        """A test claims that the output differs from another; most tests want just a model of that shape."""
        return any(
            compared.expects_equal is False
            and compared.after(event)
            and event.output in (sources_of(compared.left) | sources_of(compared.right))
            and self._networks(analysis, compared) == {event.network}
            for compared in analysis.all(Compared)
        )

    def _networks(self, analysis: Analysis, compared: Compared) -> set[int]:
        """The models whose outputs are compared."""
        ids = sources_of(compared.left) | sources_of(compared.right)
        return {
            used.network for used in analysis.all(Used) if used.output in ids and used.network is not None
        }

    def _finding(self, analysis: Analysis, event: Used, adapters: list[Adapter]) -> Diagnostic:
        named = ", ".join(words.adapter(adapter) for adapter in adapters)
        trace = []
        for adapter in adapters:
            if adapter.created is not None:
                trace.append(
                    analysis.step(f"{words.adapter(adapter)} is created untrained here", adapter.created)
                )
            if adapter.activated is not None and adapter.activated is not adapter.created:
                trace.append(
                    analysis.step(f"{words.adapter(adapter)} is made active here", adapter.activated)
                )
        trace.append(analysis.step(f"{words.receiver(event)} runs with it here", event))
        # a helper may be right for other models that it is given: the call of it names this one
        receiver = event.call.receiver_node or event.call.node.func if event.call is not None else None
        created = next((a.created for a in adapters if a.created is not None), event)
        where, syntax = analysis.seen_from(event, created, receiver)
        model = words.receiver(event) if where is event.node else "the model"
        message = f"{named} was never trained or loaded: {model} gives the base model's output"
        help = (
            "load trained weights (`load_adapter`, `PeftModel.from_pretrained`), or train the adapter first"
        )
        return self.report(event, message, help, trace, self._fix(analysis, event), where, syntax)

    def _fix(self, analysis: Analysis, event: Used) -> Fix | None:
        """Random adapters, where the program only switches between fresh ones or against the base."""
        network = event.before
        assert network is not None
        all_adapters = _all_adapters(analysis, event)
        against_base = any(e.scope == "context" for e in analysis.on(event.network, AdaptersDisabled))
        if len(all_adapters) < 2 and not against_base:
            return None
        edits: list[Edit] = []
        seen: set[int] = set()
        for adapter in all_adapters:
            config = analysis.config(adapter)
            if (
                config is None
                or config.created is None
                or config.path is not None
                or config.class_name != "LoraConfig"
            ):
                return None
            call = config.created.call
            if call is None or call.open or config.created.syntax is not event.syntax:
                return None
            if config.argument("init_lora_weights") not in (None, TRUE):
                return None
            if id(call.node) not in seen:
                seen.add(id(call.node))
                edits += calls.set_keyword(event.syntax, call.node, "init_lora_weights", "False")
        return make_fix(
            event,
            "Make the fresh adapters random with `init_lora_weights=False`",
            Applicability.UNSAFE,
            edits,
        )


def _all_adapters(analysis: Analysis, event: Used) -> list[Adapter]:
    """Every adapter that the network ever holds, by the event that made it."""
    found: dict[int, Adapter] = {}
    for other in analysis.on(event.network, Used):
        if other.before is not None:
            found |= {id(a.created): a for a in other.before.adapters if a.created is not None}
    return list(found.values())


def _trained_by_framework(analysis: Analysis, event: Used) -> bool:
    """Is it in a class that others train: Lightning by its `training_step`, whoever has the module by its `forward`?"""
    around = [p for p in ancestors(event.syntax, event.node) if isinstance(p, cst.ClassDef)]
    for cls in around:
        names = {each.name.value for each in cls.body.body if isinstance(each, cst.FunctionDef)}
        if names & {"training_step", "configure_optimizers"}:
            return True
        known = [each for each in analysis.interpreter.classes if each.node is cls]
        is_module = any("torch.nn.Module" in each.library_bases() for each in known)
        if is_module and event.entry.startswith(f"{cls.name.value}."):
            return True
    return False
