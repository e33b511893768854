"""A model that brings an adapter along, or that holds it in its weights already, gets the same adapter again.

## What it does
Flags a second attachment of one adapter: `AutoModel.from_pretrained(ADAPTER)` and then
`load_adapter(ADAPTER)`, or `PeftModel.from_pretrained(model, ADAPTER)` that is merged and saved; and
`PeftModel.from_pretrained` / `load_adapter` of the adapter that was merged into the weights before.

## Why is this bad?
transformers reads `adapter_config.json` and loads the base *and* the adapter. A second `load_adapter` raises
(the name is taken). After merging, the model still believes that it has an adapter, and `save_pretrained`
fails (measured on transformers 5.23). On merged weights the adapter counts twice, silently (measured: other
logits).

## Example
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("adapters/math")
model.load_adapter("adapters/math")
```

## Use instead
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("adapters/math")
```

## Fix safety
Unsafe: the second loading is deleted, or the merged model is used without it, where it is a plain statement.

## When not to worry
`PeftModel.from_pretrained` over the adapter that transformers has loaded only overwrites it with the same
weights: right, if idle. Another adapter on merged weights is the usual stacking.

## Releases
transformers since 4.33.

## References
- https://github.com/huggingface/peft/issues/1381
- https://github.com/huggingface/transformers/issues/26972
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements, text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.effects.common import DEFAULT
from peftlint.semantics.events import (
    AdapterLoaded,
    AttributeAssigned,
    Event,
    FilesChanged,
    Merged,
    Saved,
    Wrapped,
)
from peftlint.semantics.values import NONE, Value, key_of, parts_of, same

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

    Attached = Wrapped | AdapterLoaded


class AdapterAttachedTwice(Rule):
    code = "PEFT111"
    name = "adapter-attached-twice"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped, AdapterLoaded):
            for event in site:
                if event.expected_failure or event.handled or analysis.explained(event) or event.path is None:
                    continue
                found = self._first(analysis, event, event.path)
                if found is None or not analysis.must(site, event, [event], found[0]):
                    continue
                yield self._finding(analysis, event, *found)
                analysis.explain(event)
                break

    def _first(self, analysis: Analysis, event: Attached, path: Value) -> tuple[Event, str] | None:
        """What attached the adapter before, and the harm that this time does."""
        network = event.before
        if network is None or (isinstance(event, Wrapped) and event.how != "checkpoint"):
            return None
        if isinstance(network.unloaded, Merged) and network.unloaded.how == "unload":
            # on merged weights: was this adapter the one that was merged?
            merge = network.unloaded
            active = merge.before.active_adapters() if merge.before is not None else ()
            again = merge.node is not event.node and any(
                same(adapter.path, path) and _subfolder(adapter.created) == _subfolder(event)
                for adapter in active
            )
            if again and not analysis.in_test(event) and not _rewritten(analysis, event, merge, path):
                return merge, "twice"
        if network.created is None or same(network.source, path) is not True or network.wrappers:
            return None
        if _subfolder(network.created) != _subfolder(event):
            return None
        if isinstance(event, AdapterLoaded):
            named = event.adapter is not None and event.adapter.name != DEFAULT
            return None if named or event.api != "transformers" else (network.created, "raises")
        if any(
            a.attribute == "_hf_peft_config_loaded" for a in analysis.on(event.network, AttributeAssigned)
        ):
            # the author knows what transformers keeps, and takes it away before saving
            return None
        for merge in analysis.on(event.network, Merged):
            saved = any(save.after(merge) for save in analysis.on(event.network, Saved))
            if saved and merge.after(event) and merge.how == "unload":
                return network.created, "merged"
        return None

    def _finding(self, analysis: Analysis, event: Attached, first: Event, harm: str) -> Diagnostic:
        folder = words.path(event, event.path, "model_id", "peft_model_id")
        if harm == "twice":
            trace = [analysis.step(f"{folder} is merged into the weights here", first)]
            message = f"{folder} is in the merged weights already: attached again, the adapter counts twice"
        else:
            trace = [analysis.step(f"the base and the adapter in {folder} are loaded here", first)]
            message = f"the model loaded from {folder} brings that adapter along: "
            message += "loading it again raises" if harm == "raises" else "once merged, it cannot be saved"
        trace.append(analysis.step("the same adapter is attached again here", event))
        help = "attach the adapter once" if harm != "merged" else "load the plain base model first"
        return self.report(event, message, help, trace, None if harm == "merged" else self._fix(event))

    def _fix(self, event: Attached) -> Fix | None:
        """Without the second attachment."""
        syntax, call = event.syntax, event.call
        statement = syntax.statement(event.node)
        if call is None or not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return None
        small = statement.body[0]
        model = call.nodes.get("model")
        loads = isinstance(event, AdapterLoaded) and isinstance(small, cst.Expr) and small.value is call.node
        if loads or (model is not None and _is_kept(small, call.node, model.value)):
            edits = statements.delete_statement(syntax, statement)
        elif isinstance(small, cst.Return | cst.Assign) and small.value is call.node and model is not None:
            edits = text.replace(syntax, call.node, syntax.text(model.value))
        else:
            return None
        return make_fix(event, "Leave out the second attachment", Applicability.UNSAFE, edits)


def _is_kept(small: cst.BaseSmallStatement, call: cst.BaseExpression, model: cst.BaseExpression) -> bool:
    """`model = attach(model)`: without the call the statement says nothing."""
    if not isinstance(small, cst.Assign) or small.value is not call or len(small.targets) != 1:
        return False
    return isinstance(model, cst.Name) and small.targets[0].target.deep_equals(model)


def _subfolder(event: Event | None) -> Value:
    """What `subfolder=` says in the call that loads a model or an adapter."""
    call = event.call if event is not None else None
    return {**call.unknown, **call.arguments}.get("subfolder", NONE) if call is not None else NONE


def _rewritten(analysis: Analysis, event: Event, since: Event, path: Value) -> bool:
    """May the folder hold another adapter by now? Files were copied or saved into it."""
    changed = any(
        each.may_touch(path) and event.after(each) and (each.after(since) or not since.after(each))
        for each in analysis.all(FilesChanged)
    )
    return changed or any(
        event.after(save)
        and save.after(since)
        and save.path is not None
        and key_of(path) in parts_of(save.path)
        for save in analysis.all(Saved)
    )
