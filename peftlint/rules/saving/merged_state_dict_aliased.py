"""A state dict is taken while the adapter is merged, and used after it was unmerged.

## What it does
Flags `state_dict()` between `merge_adapter()` and `unmerge_adapter()` whose result is used only after the
latter.

## Why is this bad?
`state_dict()` hands out the parameters themselves, not copies. `unmerge_adapter()` takes the merge out of
them again: the inference server gets the base model (measured: the engine's logits equal the base model's).
Nothing warns. TRL 0.15 shipped this.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.merge_adapter()
weights = model.state_dict()
model.unmerge_adapter()
engine.load_weights(weights.items())
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.merge_adapter()
weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
model.unmerge_adapter()
engine.load_weights(weights.items())
```

## Fix safety
Unsafe: the tensors are cloned, which takes memory for a second copy; using them before `unmerge_adapter()`
takes none.

## When not to worry
Using the weights before unmerging, copies (`clone()`, `deepcopy`, `cpu()` from another device), and
`merge_and_unload()`, which is for good.

## Releases
All releases.

## References
- https://github.com/huggingface/trl/pull/2873
- https://github.com/huggingface/trl/issues/2856
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import StateDictTaken, StateDictUsed, Unmerged

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class MergedStateDictAliased(Rule):
    code = "PEFT506"
    name = "merged-state-dict-aliased"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(StateDictTaken):
            for event in site:
                found = self._used_unmerged(analysis, event)
                if found is None or analysis.explained(event):
                    continue
                unmerged, used = found
                trace = [
                    analysis.step("the state dict is taken while the adapter is merged", event),
                    analysis.step("unmerging changes the same tensors back", unmerged),
                    analysis.step("the weights are used here, without the adapter", used),
                ]
                message = (
                    "these weights are the parameters themselves: `unmerge_adapter()` "
                    "takes the adapter out of them before they are used"
                )
                help = "use them before `unmerge_adapter()`, or clone them"
                yield self.report(event, message, help, trace, self._fix(event))
                analysis.explain(event)
                break

    def _used_unmerged(
        self, analysis: Analysis, event: StateDictTaken
    ) -> tuple[Unmerged, StateDictUsed] | None:
        network = event.before
        if network is None or network.merged is not True or event.origin != "model" or event.expected_failure:
            return None
        for used in analysis.all(StateDictUsed):
            if used.identity != event.identity or not used.after(event):
                continue
            for unmerged in analysis.on(event.network, Unmerged):
                if unmerged.after(event) and used.after(unmerged) and analysis.certain(used, event, unmerged):
                    return unmerged, used
        return None

    def _fix(self, event: StateDictTaken) -> Fix | None:
        node, syntax = event.node, event.syntax
        if not isinstance(node, cst.Call) or node.args:
            return None
        copies = f"{{name: tensor.clone() for name, tensor in {text.source_of(syntax, node)}.items()}}"
        return make_fix(event, "Clone the tensors", Applicability.UNSAFE, text.replace(syntax, node, copies))
