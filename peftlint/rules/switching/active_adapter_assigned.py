"""`model.active_adapter = name` activates nothing: the adapter that was active goes on answering.

## What it does
Flags an assignment to the attribute `active_adapter` of a PeftModel, or of a transformers or diffusers model.

## Why is this bad?
The layers hold the active adapters themselves and do not look at this attribute. The output stays that of the
adapter that was active before (measured: logits equal to the first adapter's), while the attribute says
otherwise. Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")
model.active_adapter = "code"
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
```

## Fix safety
Safe: the assignment becomes `set_adapter(name)`. As always, that makes the chosen adapter trainable.

## When not to worry
Attributes of the program's own objects, properties with a setter, reading the attribute, and prompt learning
(whose PeftModel does look at it) are left alone, and so is an assignment beside a `set_adapter` of the same
name.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/1574
- https://github.com/huggingface/peft/blob/main/docs/source/developer_guides/troubleshooting.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.effects.common import LOUD_CONFIGS
from peftlint.semantics.events import AdapterActivated, AttributeAssigned
from peftlint.semantics.records import Config, Network, Wrapper
from peftlint.semantics.values import NONE, Reference, same

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class ActiveAdapterAssigned(Rule):
    code = "PEFT310"
    name = "active-adapter-assigned"
    fixes = (Applicability.SAFE,)
    explains = ("PEFT105",)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AttributeAssigned):
            bad = [event for event in site if self._is_bad(analysis, event)]
            if not bad:
                continue
            event = bad[0]
            network = event.before
            assert network is not None
            model = _owner(event)
            trace = [analysis.step("the attribute is set here; the layers keep their adapter", event)]
            message = f"`{model}.active_adapter = ...` sets an attribute that no layer reads: the active adapter stays"
            help = "activate the adapter with `set_adapter(name)`"
            yield self.report(event, message, help, trace, self._fix(event))
            analysis.explain(event)
            for adapter in network.adapters:
                if same(adapter.name, event.value) is not False:
                    analysis.explain(adapter.created)

    def _is_bad(self, analysis: Analysis, event: AttributeAssigned) -> bool:
        network = event.before
        if (
            event.attribute != "active_adapter"
            or event.value == NONE
            or network is None
            or event.expected_failure
        ):
            return False
        record = analysis.interpreter.record_of(Reference(event.handle)) if event.handle is not None else None
        known = isinstance(record, Wrapper) or (
            isinstance(record, Network) and record.kind in ("transformers", "diffusers")
        )
        if not known or event.value in (network.active or ()):
            return False
        for adapter in network.adapters:
            config = analysis.interpreter.records.get(adapter.config) if adapter.config is not None else None
            if isinstance(config, Config) and config.class_name in LOUD_CONFIGS:
                return False
        return not any(
            switch.names is None or event.value in switch.names
            for switch in analysis.on(event.network, AdapterActivated)
            if switch.after(event)
        )

    def _fix(self, event: AttributeAssigned) -> Fix | None:
        network = event.before
        if network is None or (
            network.closed and all(same(a.name, event.value) is False for a in network.adapters)
        ):
            # `set_adapter` would fail: there is no adapter of that name
            return None
        syntax = event.syntax
        statement = syntax.statement(event.node)
        if not isinstance(statement, cst.SimpleStatementLine):
            return None
        if isinstance(event.node, cst.Call):
            new = f"{_owner(event)}.set_adapter({syntax.text(event.node.args[2].value)})"
            edits = text.replace(syntax, event.node, new)
            return make_fix(event, "Activate the adapter", Applicability.SAFE, edits)
        for small in statement.body:
            if (
                isinstance(small, cst.Assign)
                and len(small.targets) == 1
                and small.targets[0].target is event.node
                and isinstance(event.node, cst.Attribute)
            ):
                new = f"{syntax.text(event.node.value)}.set_adapter({syntax.text(small.value)})"
                edits = text.replace(syntax, small, new)
                return make_fix(event, "Activate the adapter", Applicability.SAFE, edits)
        return None


def _owner(event: AttributeAssigned) -> str:
    """The model as the program writes it."""
    if isinstance(event.node, cst.Call):
        return event.syntax.text(event.node.args[0].value)
    return event.syntax.text(event.node).rpartition(".")[0]
