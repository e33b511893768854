"""An adapter's file goes through `load_state_dict(strict=False)`: nothing is loaded, and nothing is said.

## What it does
Flags `model.load_state_dict(weights, strict=False)` where the weights come unchanged from an
`adapter_model.*` file or from `get_peft_model_state_dict`.

## Why is this bad?
The names in an adapter's file have no adapter name in them (`...lora_A.weight`), those of the live model have
(`...lora_A.default.weight`). Not one matches, and `strict=False` swallows it: the output stays what it was,
usually the base model's (measured: logits equal). Nothing warns.

## Example
```python
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(r=8))
model.load_state_dict(load_file("out/adapter_model.safetensors"), strict=False)
```

## Use instead
```python
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(r=8))
set_peft_model_state_dict(model, load_file("out/adapter_model.safetensors"))
```

## Fix safety
Unsafe: `set_peft_model_state_dict` is called on the PeftModel. No fix for a model without a wrapper, which
needs `PeftModel.from_pretrained`.

## When not to worry
Names that were changed before, a state dict of the wrapped model itself (`model.state_dict()`), the base
model's own weights, and modules of the program's own.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/1523
- https://github.com/huggingface/peft/issues/2885
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls, imports, text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.effects.common import DEFAULT
from peftlint.semantics.events import Saved, WeightsPatched
from peftlint.semantics.values import FALSE, Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class AdapterWeightsNotLoaded(Rule):
    code = "PEFT109"
    name = "adapter-weights-not-loaded"
    fixes = (Applicability.UNSAFE,)
    explains = ("PEFT201",)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(WeightsPatched):
            if not all(self._is_bad(analysis, event) for event in site):
                continue
            event = site[0]
            assert event.before is not None
            trace = [
                analysis.step(
                    "the names in the file match none of the model's, and `strict=False` hides it", event
                )
            ]
            message = (
                f"not one adapter weight is loaded: {words.receiver(event)} has the adapter's name in its names,"
                " an adapter's file has not"
            )
            help = (
                "use `set_peft_model_state_dict(model, weights)` or `PeftModel.from_pretrained(base, folder)`"
            )
            yield self.report(event, message, help, trace, self._fix(event))
            analysis.explain(event, *(adapter.created for adapter in event.before.adapters))

    def _is_bad(self, analysis: Analysis, event: WeightsPatched) -> bool:
        network = event.before
        if (
            event.how != "load_state_dict"
            or event.strict != FALSE
            or network is None
            or event.expected_failure
        ):
            return False
        if event.origin not in ("adapter file", "peft"):
            return False
        if network.kind not in ("transformers", "diffusers") and event.handle not in network.wrappers:
            return False
        # a file of that name which the program itself writes otherwise may hold other names
        return not any(
            saved.path == event.path and saved.through != "state_dict:peft"
            for saved in analysis.all(Saved)
            if event.path is not None and saved.how == "torch.save"
        )

    def _fix(self, event: WeightsPatched) -> Fix | None:
        network, call, syntax = event.before, event.call, event.syntax
        if network is None or call is None or call.open or event.handle not in network.wrappers:
            return None
        weights = call.nodes.get("state_dict")
        if weights is None or call.receiver_node is None or len(network.adapters) != 1:
            return None
        arguments = [syntax.text(call.receiver_node), calls.value_source(syntax, weights)]
        name = network.adapters[0].name
        if name != DEFAULT:
            if not isinstance(name, Constant):
                return None
            arguments.append(f'adapter_name="{name.value}"')
        function, edits = imports.reference(syntax, "peft.set_peft_model_state_dict", call.node)
        edits = [*edits, *text.replace(syntax, call.node, f"{function}({', '.join(arguments)})")]
        return make_fix(event, "Use `set_peft_model_state_dict`", Applicability.UNSAFE, edits)
