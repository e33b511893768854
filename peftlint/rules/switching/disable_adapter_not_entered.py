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
Unsafe: how far a `with` block should reach is for the author to say. It is put around what comes before an adapter is
chosen again, or around the rest of a function that ends with `return`; elsewhere the call becomes
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
from peftlint.fixes.text import ancestors
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterActivated, AdaptersDisabled, AdaptersEnabled, Used

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
                self._fix(analysis, event) if used is not None else None,
            )
            analysis.explain(event)

    def _fix(self, analysis: Analysis, event: AdaptersDisabled) -> Fix | None:
        call = event.call
        if call is None or call.receiver is None or call.receiver_node is None:
            return None
        syntax = event.syntax
        statement = syntax.statement(call.node)
        enabled = analysis.on(event.network, AdaptersEnabled)
        if isinstance(statement, cst.SimpleStatementLine) and not any(e.after(event) for e in enabled):
            switches = [e.node for e in analysis.on(event.network, AdapterActivated) if e.after(event)]
            last, until = _last_meant(syntax, statement, switches)
            if last is not None:
                with suppress(ValueError):
                    edits = blocks.statement_to_with(syntax, statement, last)
                    title = f"Disable the adapters of {words.receiver(event)} {until}"
                    return make_fix(event, title, Applicability.UNSAFE, edits)
        new = f"{syntax.text(call.receiver_node)}.base_model.disable_adapter_layers()"
        edits = text.replace(syntax, call.node, new)
        title = f"Disable the layers of {words.receiver(event)} until they are enabled again"
        return make_fix(event, title, Applicability.UNSAFE, edits)


def _last_meant(
    syntax: Syntax, statement: cst.CSTNode, switches: list[cst.CSTNode]
) -> tuple[cst.CSTNode | None, str]:
    """The last statement that is meant to run without adapters, where that can be told, and how far that is.

    It is the one before an adapter is chosen again, or the last of a function that returns there.
    """
    block = syntax.parent(statement)
    if not isinstance(block, cst.IndentedBlock | cst.Module):
        return None, ""
    body = [
        each for each in block.body if isinstance(each, cst.BaseCompoundStatement | cst.SimpleStatementLine)
    ]
    at = next(n for n, each in enumerate(body) if each is statement)
    chosen = {id(parent) for node in switches for parent in (node, *ancestors(syntax, node))}
    for n in range(at + 1, len(body)):
        if id(body[n]) in chosen:
            return (body[n - 1] if n > at + 1 else None), "until one is chosen"
    inner: cst.CSTNode = body[-1]
    while isinstance(inner, cst.With) and isinstance(inner.body, cst.IndentedBlock):
        inner = inner.body.body[-1]
    returns = isinstance(inner, cst.SimpleStatementLine) and isinstance(inner.body[-1], cst.Return)
    in_function = isinstance(syntax.parent(block), cst.FunctionDef)
    return (
        body[-1] if in_function and returns and len(body) > at + 1 else None
    ), "for the rest of the function"
