"""Two PeftModels share one base, and the earlier one is still used: both run the last adapter.

## What it does
Flags a second `PeftModel.from_pretrained` / `get_peft_model` on a base model that is still wrapped, where the
earlier wrapper is used afterwards, returned beside the later one, or kept in a container with it; and a second
adapter on a base into which an earlier one was merged, where the merged model has a name of its own.

## Why is this bad?
Adapters are injected into the base in place. All wrappers around it, and the base variable itself, then
compute the adapter that was loaded last (measured: the logits of both handles equal those of the last
adapter). `merge_and_unload()` merges in place too: measured, what the second merge gives is both adapters at once.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
math_model = PeftModel.from_pretrained(base, "adapters/math")
code_model = PeftModel.from_pretrained(base, "adapters/code")
math_model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("math")
model.generate(**inputs)
```

## Fix safety
Unsafe: the earlier wrapper gets a copy of the base (`copy.deepcopy(base)`), which doubles the memory.

## When not to worry
`base = model.unload()`, `copy.deepcopy(base)`, a base made anew for each wrapper, and a loop that drops each
wrapper before the next one is made. Adapters that are merged one after the other on purpose, where what the merge
gave is what gets the next one.

## Releases
All releases of peft.

## References
- https://github.com/huggingface/peft/issues/463
- https://github.com/huggingface/peft/issues/957
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import imports, text
from peftlint.fixes.text import ancestors
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.merged_base import merged_before
from peftlint.semantics.events import (
    Event,
    HandedOut,
    Merged,
    ResultAssigned,
    Saved,
    TrainerBuilt,
    Used,
    WeightsPatched,
    Wrapped,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_DISPLAYS = (cst.Dict, cst.List, cst.Tuple)


class SharedBaseModel(Rule):
    code = "PEFT104"
    name = "shared-base-model"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped):
            for event in site:
                found = self._earlier_in_use(analysis, event)
                if found is None:
                    merged = merged_before(analysis, event)
                    if merged is not None:
                        yield self._merged(analysis, event, *merged)
                        break
                    continue
                first, use = found
                if analysis.certain(event, first) and analysis.certain(use, event):
                    yield self._finding(analysis, event, first, use)
                    analysis.explain(event, use)
                    break

    def _merged(self, analysis: Analysis, event: Wrapped, merge: Merged, use: Event) -> Diagnostic:
        base = words.argument(event, "model") or "the base"
        trace = [
            analysis.step(f"an adapter is merged into `{base}` here, in place", merge),
            analysis.step("what that gave is used here", use),
            analysis.step(f"`{base}` still has it, and gets another adapter on top", event),
        ]
        message = (
            f"`{base}` has the adapter that was merged before in its weights: this one comes on top of it"
        )
        help = "load the base anew for each adapter, or `unload()` instead of merging"
        return self.report(event, message, help, trace)

    def _earlier_in_use(self, analysis: Analysis, event: Wrapped) -> tuple[Wrapped, Event] | None:
        network = event.before
        if (
            network is None
            or not event.raw
            or event.nested is not None
            or event.expected_failure
            or network.uncertain
        ):
            return None
        for first in analysis.earlier(event, Wrapped):
            if first.wrapper not in network.wrappers or first.nested is not None:
                continue
            for use in analysis.on(event.network, Used, Saved, TrainerBuilt, Merged, HandedOut):
                if (
                    use.handle == first.wrapper
                    and use.after(event)
                    and not self._replaced(analysis, event, use)
                    and not self._later_only_read(analysis, event, use)
                ):
                    return first, use
            if self._both_kept(analysis, event, first):
                return first, event
        return None

    def _replaced(self, analysis: Analysis, event: Wrapped, use: Event) -> bool:
        """The later wrapper was unloaded, or the adapter got other weights, before the earlier one was used."""
        # who is handed the model may give it weights before the first use
        handed = isinstance(use, HandedOut)
        refilled = any(
            w.after(event) and (use.after(w) or (handed and w.after(use)))
            for w in analysis.on(event.network, WeightsPatched)
        )
        return refilled or any(
            m.handle == event.wrapper and use.after(m) for m in analysis.on(event.network, Merged)
        )

    def _later_only_read(self, analysis: Analysis, event: Wrapped, use: Event) -> bool:
        """Is the earlier wrapper only handed out, and the later one nowhere used as a model?

        Then it was made for the weights in it (LoRAHub), and whoever is handed the earlier one may give it others.
        """
        return isinstance(use, HandedOut) and not any(
            other.handle == event.wrapper and other.after(event)
            for other in analysis.on(event.network, Used, Saved, TrainerBuilt, Merged, HandedOut)
        )

    def _both_kept(self, analysis: Analysis, event: Wrapped, first: Wrapped) -> bool:
        """Is each wrapper put into a place of its own: by a loop, in one display, in two attributes or items?"""
        if first.node is event.node:
            return event.wrapper in analysis.stored and first.wrapper in analysis.stored
        if first.syntax is not event.syntax or first.stack != event.stack:
            return False
        around = {id(p) for p in ancestors(event.syntax, event.node) if isinstance(p, _DISPLAYS)}
        if any(id(p) in around for p in ancestors(event.syntax, first.node)):
            return True
        targets = {
            id(made.made): made.target
            for made in analysis.all(ResultAssigned)
            if made.made in (event, first) and ("." in made.target or "[" in made.target)
        }
        return len(set(targets.values())) == 2

    def _finding(self, analysis: Analysis, event: Wrapped, first: Wrapped, use: Event) -> Diagnostic:
        base = words.argument(event, "model") or "the base"
        trace = [
            analysis.step(f"`{base}` gets its first adapter here, in place", first),
            analysis.step("the same model gets another adapter here", event),
        ]
        if use is not event:
            trace.append(analysis.step("the earlier PeftModel is used here, and runs the later adapter", use))
        message = f"two PeftModels share `{base}`: both run the adapter that is loaded last"
        help = "keep one PeftModel and switch (`load_adapter`, `set_adapter`), or give each its own base"
        return self.report(event, message, help, trace, self._fix(analysis, event, first))

    def _fix(self, analysis: Analysis, event: Wrapped, first: Wrapped) -> Fix | None:
        if first.call is None or first.node is event.node or first.syntax is not event.syntax:
            return None
        model = first.call.nodes.get("model")
        if model is None or first.stack != event.stack:
            return None
        syntax, base = event.syntax, event.syntax.text(model.value)
        name, edits = imports.reference(syntax, "copy.deepcopy", first.node)
        copied, title = [model.value], "Give the first PeftModel a copy of the base"
        display = next((p for p in ancestors(syntax, first.node) if isinstance(p, _DISPLAYS)), None)
        if display is not None and any(syntax.text(each) == base for each in _items(display)):
            # `{"base": base, "a": PeftModel.from_pretrained(base, ...)}`: no adapter is to be in the base
            wraps = {
                id(w.call): w.call for w in analysis.all(Wrapped) if w.call and w.syntax is syntax
            }.values()
            given = [
                w.nodes["model"].value
                for w in wraps
                if display in ancestors(syntax, w.node) and "model" in w.nodes
            ]
            copied, title = (
                [node for node in given if syntax.text(node) == base],
                "Give each PeftModel a copy of the base",
            )
        for node in dict.fromkeys(copied):
            edits = [*edits, *text.replace(syntax, node, f"{name}({base})")]
        return make_fix(event, title, Applicability.UNSAFE, edits)


def _items(display: cst.CSTNode) -> list[cst.BaseExpression]:
    """The values that stand in a dictionary, list or tuple."""
    elements = display.elements if isinstance(display, cst.Dict | cst.List | cst.Tuple) else ()
    return [each.value for each in elements]
