"""The result of a call that returns no model is assigned to the model's name.

## What it does
Flags `model = model.set_adapter(...)`, `model = model.load_adapter(...)`, `model = model.add_adapter(...)`,
`model = set_peft_model_state_dict(model, ...)`, `model = model.merge_adapter()` and the like, and
`tuned = model.set_adapter(...)` where `tuned.generate(...)` follows.

## Why is this bad?
These calls change the model in place and return None or a report on keys. The variable is lost, and the next use
raises `AttributeError: 'NoneType' object has no attribute 'generate'`.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model = model.set_adapter("math")
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
Safe: the assignment is dropped, the call stays; another name gets the model itself.

## When not to worry
Results kept under another name (`result = set_peft_model_state_dict(...)`) and not used as a model, and methods that do return the model
(`merge_and_unload`, `unload`, `eval`, `to`).

## Releases
All releases.

## References
- https://github.com/tloen/alpaca-lora/issues/154
- https://github.com/huggingface/peft/issues/285
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements, text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.results import becomes, model_of, of_a_tensor, used_as_model
from peftlint.rules.plain import plain_text
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdaptersCombined,
    AdaptersDisabled,
    AdaptersEnabled,
    Merged,
    ResultAssigned,
    Unmerged,
    WeightsPatched,
)
from peftlint.semantics.records import Network, Wrapper
from peftlint.semantics.values import Reference

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_NO_MODEL = (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdaptersCombined,
    AdaptersDisabled,
    AdaptersEnabled,
    Merged,
    Unmerged,
    WeightsPatched,
)


class LoadResultUsedAsModel(Rule):
    code = "PEFT110"
    name = "load-result-used-as-model"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(ResultAssigned):
            # of several names (`a = b = ...`) one may be the model's
            event = next((e for e in site if self._is_the_model(e)), None) or next(
                (e for e in site if used_as_model(e)), site[0]
            )
            if event.call is None or event.network is None or event.expected_failure:
                continue
            if not self._loses_model(analysis, event):
                continue
            if not self._is_the_model(event) and not used_as_model(event):
                continue
            name = event.call.callee.replace(":", ".").rpartition(".")[2]
            mine = self._is_the_model(event)
            what = "is lost" if mine else "is none"
            lost = model_of(event) if mine and event.made.node is event.node else event.target
            message = f"`{name}` changes the model in place and returns no model: `{lost}` {what}"
            trace = [analysis.step(f"`{event.target}` is no model from here on", event)]
            if event.made.node is not event.node:
                trace.insert(0, analysis.step(f"what `{name}` gives is returned here", event.made))
            help = "drop the assignment" if mine else "drop the assignment, and go on with the model itself"
            yield self.report(event, message, help, trace, self._fix(event))
            analysis.explain(event, event.made)

    def _loses_model(self, analysis: Analysis, event: ResultAssigned) -> bool:
        # at the call itself, or where a function of the program returns its result
        at = event.made.node
        made = [e for e in analysis.at(at) if isinstance(e, _NO_MODEL) and not of_a_tensor(e)]
        if not made or any(isinstance(e, Merged) and e.how != "in place" for e in made):
            return False
        if analysis.targets.peft.copied and any(isinstance(e, WeightsPatched) for e in made):
            # `set_peft_model_state_dict` gave the model back before peft 0.3, from which many copies were made
            return False
        result = event.result
        record = analysis.interpreter.record_of(result) if isinstance(result, Reference) else None
        return not isinstance(record, Network | Wrapper)

    def _is_the_model(self, event: ResultAssigned) -> bool:
        """The target is the very variable that the call was made on or given, or is assigned to that."""
        if event.made.node is not event.node:
            return True
        model, target = model_of(event), plain_text(event.target)
        return bool(model) and (model == target or becomes(event, target, model))

    def _fix(self, event: ResultAssigned) -> Fix | None:
        statement = event.syntax.statement(event.node)
        mine = self._is_the_model(event)
        if not isinstance(statement, cst.SimpleStatementLine):
            return None
        if mine and event.made.node is event.node and model_of(event) != plain_text(event.target):
            # the variable is wanted once more
            return None
        for small in statement.body:
            if isinstance(small, cst.Assign) and small.value is event.node and len(small.targets) == 1:
                edits = text.replace(event.syntax, small, event.syntax.text(event.node))
                if not mine:
                    if event.call is None or event.call.receiver_node is None or len(statement.body) != 1:
                        return None
                    line = f"{event.target} = {event.syntax.text(event.call.receiver_node)}"
                    edits += statements.insert_statement_after(event.syntax, statement, line)
                return make_fix(event, "Drop the assignment", Applicability.SAFE, edits)
        return None
