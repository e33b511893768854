"""A model is compiled first and wrapped afterwards: the adapter's weights match no key.

## What it does
Flags `PeftModel.from_pretrained`, `get_peft_model` and `PeftModel(...)` whose model is the result of
`torch.compile(...)`.

## Why is this bad?
`torch.compile(model)` gives a module around the model, and every name below it gets `_orig_mod.` in front.
The weights of a saved adapter match none of them: they are not loaded, and the output is the base model's
(measured: logits equal). A fresh adapter is saved under names with `_orig_mod`, which fit no plain base when
it is loaded. Up to peft 0.13 nothing warns.

## Example
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = torch.compile(AutoModelForCausalLM.from_pretrained("base"))
model = PeftModel.from_pretrained(base, "adapters/math")
```

## Use instead
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model = torch.compile(model)
```

## Fix safety
Unsafe: the call of `torch.compile` moves behind the wrap, where both stand in one block.

## When not to worry
Compiling last, `model.compile()`, a compiled `forward`, and wrapping the original variable are right.
Switching adapters of a compiled PeftModel only makes it compile again.

## Releases
All releases of peft; a warning about missing keys since 0.14.

## References
- https://github.com/huggingface/diffusers/issues/9279
- https://github.com/huggingface/diffusers/issues/11408
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls, statements, text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    Escaped,
    Event,
    HandedOut,
    Prepared,
    Saved,
    Trained,
    TrainerBuilt,
    Wrapped,
)
from peftlint.semantics.records import Instance

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class CompiledBaseWrapped(Rule):
    code = "PEFT304"
    name = "compiled-base-wrapped"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped):
            bad = [event for event in site if self._is_compiled(analysis, event)]
            if not bad:
                continue
            event = bad[0]
            compiled = event.before.compiled if event.before is not None else None
            if analysis.must(site, event, bad, compiled):
                yield self._finding(analysis, event, compiled)
                analysis.explain(event)

    def _is_compiled(self, analysis: Analysis, event: Wrapped) -> bool:
        given = event.call.value("model") if event.call is not None else None
        record = analysis.interpreter.record_of(given)
        if (
            not isinstance(record, Instance)
            or record.cls != "torch.OptimizedModule"
            or event.expected_failure
        ):
            return False
        # a fresh adapter computes what it should: the harm comes with its file
        return event.how == "checkpoint" or any(
            analysis.later(event, Saved, Trained, TrainerBuilt, Escaped, HandedOut)
        )

    def _finding(self, analysis: Analysis, event: Wrapped, compiled: Event | None) -> Diagnostic:
        model = words.argument(event, "model") or "the model"
        trace = [analysis.step("the compiled module is wrapped here", event)]
        if compiled is not None:
            trace.insert(
                0, analysis.step("`torch.compile` puts `_orig_mod.` in front of every name here", compiled)
            )
        if event.how == "checkpoint":
            folder = words.path(event, event.path, "model_id")
            message = (
                f"`{model}` is compiled: the weights in {folder} match none of its names and are not loaded"
            )
        else:
            message = f"`{model}` is compiled: its adapter is saved under names that fit no plain base (`_orig_mod`)"
        help = "wrap first, and call `torch.compile` on the PeftModel"
        return self.report(event, message, help, trace, self._fix(event, compiled))

    def _fix(self, event: Wrapped, compiled: Event | None) -> Fix | None:
        """`torch.compile` moves behind the wrap."""
        if not isinstance(compiled, Prepared) or compiled.call is None or event.call is None:
            return None
        syntax = event.syntax
        first, second = syntax.statement(compiled.node), syntax.statement(event.node)
        model = compiled.call.nodes.get("model")
        if (
            model is None
            or compiled.stack != event.stack
            or syntax.parent(first) is not syntax.parent(second)
        ):
            return None
        made, wrapped = _assignment(first), _assignment(second)
        if (
            made is None
            or wrapped is None
            or wrapped.value is not event.node
            or made.value is not compiled.node
        ):
            return None
        source, target = calls.value_source(syntax, model), syntax.text(wrapped.targets[0].target)
        if syntax.text(made.targets[0].target) == source:
            edits = statements.delete_statement(syntax, first)
        else:
            edits = text.replace(syntax, compiled.node, source)
        rest = [calls.argument_source(syntax, arg) for arg in compiled.call.node.args if arg is not model]
        called = syntax.text(compiled.call.node.func)
        line = f"{target} = {called}({', '.join([target, *rest])})"
        edits += statements.insert_statement_after(syntax, second, line)
        return make_fix(event, "Compile last", Applicability.UNSAFE, edits)


def _assignment(statement: cst.CSTNode) -> cst.Assign | None:
    """`x = ...` on a line of its own."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[_]) as assignment]):
            return assignment
    return None
