"""A method of another library's models is called on this model.

## What it does
Flags methods of a PeftModel on a transformers model that has adapters (`merge_and_unload`,
`print_trainable_parameters` ...) and the reverse (`disable_adapters`, `set_adapters` ... on a PeftModel),
methods of models on a diffusers pipeline, a list given to `PeftModel.set_adapter`, `with
model.disable_adapters():`, and `active_adapters` with or without its parentheses.

## Why is this bad?
The call raises: `AttributeError: 'LlamaForCausalLM' object has no attribute 'merge_and_unload'`, `TypeError:
unhashable type: 'list'`, `TypeError: 'list' object is not callable`.

## Example
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model.load_adapter("adapters/math")
model = model.merge_and_unload()
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(model, "adapters/math")
model = model.merge_and_unload()
```

## Fix safety
Display only: the method that this kind of model has for the purpose.

## When not to worry
Classes of the program, models with code of their own (`trust_remote_code`), code that asks by `hasattr` or
`isinstance`, and `except AttributeError` are left alone. `base_model.set_adapter` of a PeftModel and
transformers' `set_adapter` do take lists.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/1619
- https://github.com/huggingface/peft/issues/2437
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls, text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.interface.receivers import is_library_model, is_own_class, may_be_another
from peftlint.rules.releases import caught, guarded
from peftlint.semantics.events import AttributeAssigned, AttributeRead, Event, MethodCalled
from peftlint.semantics.records import ListBox
from peftlint.semantics.values import Sequence

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_WRAP = "wrap the model with `PeftModel.from_pretrained` to have it"
#: what PeftModel has and transformers' models have not (5.23.0), with what to do instead
_NOT_TRANSFORMERS = {
    **dict.fromkeys(
        (
            "merge_and_unload",
            "unload",
            "merge_adapter",
            "unmerge_adapter",
            "add_weighted_adapter",
            "get_base_model",
            "print_trainable_parameters",
            "get_nb_trainable_parameters",
        ),
        _WRAP,
    ),
    **dict.fromkeys(("get_model_status", "get_layer_status"), "call the function of that name in peft"),
    "disable_adapter": "use `disable_adapters()` and, afterwards, `enable_adapters()`",
    "disable_adapter_layers": "use `disable_adapters()`",
    "enable_adapter_layers": "use `enable_adapters()`",
    "set_adapters": "use `set_adapter`",
    "delete_adapters": "use `delete_adapter`",
}
#: names of transformers, diffusers or nobody on a PeftModel, with its own
_NOT_PEFT = {
    "set_adapters": "set_adapter",
    "activate_adapter": "set_adapter",
    "delete_adapters": "delete_adapter",
    "unmerge_adapters": "unmerge_adapter",
    "merge_adapters": "merge_adapter",
    "unload_adapter": "delete_adapter",
    "enable_adapter": "enable_adapter_layers",
    "fuse_lora": "merge_adapter",
    "unfuse_lora": "unmerge_adapter",
}
#: these a PeftModel passes on to the transformers model below it, which refuses: "No adapter loaded. Please load an adapter first."
_FORWARDED = {
    "disable_adapters": "base_model.disable_adapter_layers",
    "enable_adapters": "base_model.enable_adapter_layers",
}
#: these it passes on to a diffusers model below it, which has them (diffusers 0.42)
_OF_DIFFUSERS = ("set_adapters", "delete_adapters", "fuse_lora", "unfuse_lora")
_PROPERTY = {"get_active_adapters": "active_adapters", "active_adapters": "active_adapters"}
_NOT_PIPELINE = {
    "set_adapter": "set_adapters",
    "delete_adapter": "delete_adapters",
    "disable_adapters": "disable_lora",
    "disable_adapter": "disable_lora",
    "enable_adapters": "enable_lora",
    "merge_and_unload": "fuse_lora",
    "load_adapter": "load_lora_weights",
    "merge_adapter": "fuse_lora",
}


class MethodNotOnThisModel(Rule):
    code = "PEFT801"
    name = "method-not-on-this-model"
    fixes = (Applicability.DISPLAY,)
    explains = ("PEFT105", "PEFT106", "PEFT306")

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        given = {event.attribute for event in analysis.all(AttributeAssigned)}
        for site in analysis.sites(MethodCalled, AttributeRead):
            event = site[0]
            name = event.method if isinstance(event, MethodCalled) else event.attribute
            if name in given or guarded(event) or caught(event, "AttributeError", "TypeError", "ValueError"):
                continue
            if len({_kind(e) for e in site}) > 1 or is_own_class(analysis, event):
                continue
            if may_be_another(analysis, site):
                continue
            found = self._read(event) if isinstance(event, AttributeRead) else self._called(analysis, event)
            if found is not None:
                message, better, written = found
                edits = text.replace(event.syntax, event.node, written) if written else []
                if isinstance(event.node, cst.Call) and better.isidentifier() and not written:
                    edits = calls.rename_callee(event.syntax, event.node, better)
                help = better if " " in better else f"use `{better}`"
                fix = make_fix(event, help[:1].upper() + help[1:], Applicability.DISPLAY, edits)
                yield self.report(event, message, help, (), fix)
                analysis.explain(event)

    def _read(self, event: AttributeRead) -> tuple[str, str, str] | None:
        """A method that is used like a list."""
        parent = event.syntax.parent(event.node)
        used = isinstance(parent, cst.Subscript | cst.ComparisonTarget) or (
            isinstance(parent, cst.For) and parent.iter is event.node
        )
        if _kind(event) != "transformers" or not used:
            return None
        message = "`active_adapters` is a method of transformers' models, not a list: this fails"
        return message, "active_adapters()", f"{event.syntax.text(event.node)}()"

    def _called(self, analysis: Analysis, event: MethodCalled) -> tuple[str, str, str] | None:
        """What to say, what to do, and the new text of the call, if the name is not all that changes."""
        name, call = event.method, event.call
        assert call is not None
        owner = event.syntax.text(call.receiver_node) if call.receiver_node is not None else ""
        match event.kind:
            case "transformers" if is_library_model(analysis, event):
                if name in _NOT_TRANSFORMERS:
                    return (
                        f"a transformers model has no `{name}`, a PeftModel has: the call fails",
                        _NOT_TRANSFORMERS[name],
                        "",
                    )
                if name in ("disable_adapters", "enable_adapters") and isinstance(
                    event.syntax.parent(call.node), cst.WithItem
                ):
                    message = f"`{name}` of a transformers model is no context manager: `with` fails, and the adapters stay as they are then"
                    return message, "call it before, and `enable_adapters()` afterwards", ""
            case "peft" | "mixed":
                if name in _PROPERTY:
                    message = f"`{name}()` fails: a PeftModel has `active_adapters`, a list"
                    return message, "active_adapters", f"{owner}.active_adapters"
                if name in _OF_DIFFUSERS and event.before is not None and event.before.kind != "transformers":
                    return None
                if name in _NOT_PEFT or name in _FORWARDED:
                    better = _NOT_PEFT.get(name) or _FORWARDED[name]
                    return f"`{name}` is not for a PeftModel: the call fails", better, ""
                if name == "set_adapter" and event.kind == "peft" and self._is_list(analysis, event):
                    message = "`PeftModel.set_adapter` takes one name, not a list: the call fails"
                    return message, "base_model.set_adapter", ""
            case "pipeline" if name in _NOT_PIPELINE:
                return f"a pipeline has no `{name}`: the call fails", _NOT_PIPELINE[name], ""
        return None

    def _is_list(self, analysis: Analysis, event: Event) -> bool:
        assert event.call is not None
        given = event.call.value("adapter_name")
        return isinstance(given, Sequence) or isinstance(analysis.interpreter.record_of(given), ListBox)


def _kind(event: MethodCalled | AttributeRead) -> str:
    if isinstance(event, MethodCalled):
        return event.kind
    return event.before.kind if event.before is not None and event.raw else ""
