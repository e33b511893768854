"""`disable_adapter()` as a statement: a context manager that nobody enters disables nothing.

## What it does
Flags `model.disable_adapter()` on a PeftModel, and `rescale_adapter_scale(model, factor)`, as statements of
their own.

## Why is this bad?
Both are context managers. Called without `with`, they do nothing at all: the output stays the adapter's
(measured: logits equal to the adapted model's, on all releases). Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.disable_adapter()
plain = model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
with model.disable_adapter():
    plain = model.generate(**inputs)
```

## Fix safety
Unsafe: how far a `with` block should reach is for the author to say. In a function that ends with `return`,
it is put around the rest of the function; elsewhere the call becomes
`model.base_model.disable_adapter_layers()`, which lasts until `enable_adapter_layers()`.

## When not to worry
`disable_adapters()` of transformers and diffusers models and `disable_lora()` of pipelines are plain methods.
A context manager that is kept (`context = model.disable_adapter()`) or given to `stack.enter_context(...)`
may be entered later.

## Releases
All releases of peft; `rescale_adapter_scale` since 0.13.

## References
- https://github.com/huggingface/peft/issues/430
- https://github.com/huggingface/peft/issues/515
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import blocks, text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdaptersDisabled, AdaptersEnabled, Used

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.syntax import Syntax


class DisableAdapterNotEntered(Rule):
    code = "PEFT305"
    name = "disable-adapter-not-entered"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdaptersDisabled):
            if any(event.scope != "unentered" or event.expected_failure for event in site):
                continue
            event = site[0]
            assert event.call is not None
            rescaled = event.call.receiver is None
            what = "rescale_adapter_scale" if rescaled else "disable_adapter"
            trace = [analysis.step("a context manager is made here and thrown away", event)]
            used = next((u for u in analysis.on(event.network, Used) if u.after(event)), None)
            if used is not None:
                trace.append(analysis.step("the adapter is still in effect here", used))
            done = "nothing is rescaled" if rescaled else "no adapter is disabled"
            message = f"`{what}` is a context manager: as a statement it does nothing, and {done}"
            yield self.report(
                event,
                message,
                f"write `with ...{what}(...):` around the code meant",
                trace,
                self._fix(analysis, event),
            )
            analysis.explain(event)

    def _fix(self, analysis: Analysis, event: AdaptersDisabled) -> Fix | None:
        call = event.call
        if call is None or call.receiver is None or call.receiver_node is None:
            return None
        syntax = event.syntax
        statement = syntax.statement(call.node)
        last = _end_of_function(syntax, statement)
        enabled = analysis.on(event.network, AdaptersEnabled)
        if (
            isinstance(statement, cst.SimpleStatementLine)
            and last is not None
            and not any(other.after(event) for other in enabled)
        ):
            with suppress(ValueError):
                edits = blocks.statement_to_with(syntax, statement, last)
                title = f"Disable the adapters of {words.receiver(event)} for the rest of the function"
                return make_fix(event, title, Applicability.UNSAFE, edits)
        new = f"{syntax.text(call.receiver_node)}.base_model.disable_adapter_layers()"
        edits = text.replace(syntax, call.node, new)
        title = f"Disable the layers of {words.receiver(event)} until they are enabled again"
        return make_fix(event, title, Applicability.UNSAFE, edits)


def _end_of_function(syntax: Syntax, statement: cst.CSTNode) -> cst.CSTNode | None:
    """The last statement of the function whose body the statement is in, if the function returns there."""
    block = syntax.parent(statement)
    if not isinstance(block, cst.IndentedBlock) or not isinstance(syntax.parent(block), cst.FunctionDef):
        return None
    last: cst.CSTNode = block.body[-1]
    inner = last
    while isinstance(inner, cst.With) and isinstance(inner.body, cst.IndentedBlock):
        inner = inner.body.body[-1]
    returns = isinstance(inner, cst.SimpleStatementLine) and isinstance(inner.body[-1], cst.Return)
    return last if returns and last is not statement else None
