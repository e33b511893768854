"""A model that is already a PeftModel is wrapped again.

## What it does
Flags `PeftModel.from_pretrained`, `get_peft_model` and `PeftModel(...)` whose first argument is itself a
PeftModel.

## Why is this bad?
The wrappers nest, every key gets a second `base_model.model.` prefix, and the checkpoint's weights match
nothing: the result computes what the base computes, neither the first nor the second adapter (measured on
peft 0.6 to 0.21). Since peft 0.14 a warning mentions missing keys; before, nothing does.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model = PeftModel.from_pretrained(model, "adapters/code", adapter_name="code")
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
Unsafe: a second checkpoint becomes `load_adapter` and `set_adapter`; a fresh wrap that is thrown away by the
next line is dropped.

## When not to worry
Wrapping again after `merge_and_unload()` or `unload()` whose result is kept, wraps in branches that exclude
each other, and wraps behind `isinstance(model, PeftModel)`.

## Releases
All releases of peft; warnings since 0.14 and 0.15.

## References
- https://github.com/huggingface/peft/issues/2115
- https://github.com/huggingface/lerobot/issues/3459
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls, imports, statements, text
from peftlint.fixes.text import node_offsets
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import Event, Wrapped
from peftlint.semantics.values import Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.syntax import Syntax


class NestedPeftModel(Rule):
    code = "PEFT103"
    name = "nested-peft-model"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped):
            bad = [event for event in site if event.nested is not None and not event.expected_failure]
            if not bad:
                continue
            event = bad[0]
            first = self._first_wrap(analysis, event)
            if not analysis.must(site, event, bad, first):
                continue
            if not isinstance(first, Wrapped) and len(bad) < len(site):
                # a PeftModel on those paths only on which something was called or asked that only a PeftModel has
                continue
            yield self._finding(analysis, event, first)
            analysis.explain(*bad)

    def _first_wrap(self, analysis: Analysis, event: Wrapped) -> Event | None:
        return next((e for e in analysis.all(Wrapped) if e.wrapper == event.nested), None) or next(
            (e for e in analysis.earlier(event, Event) if e.handle == event.nested), None
        )

    def _finding(self, analysis: Analysis, event: Wrapped, first: Event | None) -> Diagnostic:
        what = words.argument(event, "model") or "the model"
        trace = [analysis.step("it is wrapped a second time here", event)]
        if first is not None:
            trace.insert(0, analysis.step(f"`{what}` becomes a PeftModel here", first))
        if event.how == "checkpoint":
            message = f"`{what}` is already a PeftModel: the weights of the second adapter match no key and are not loaded"
            help = "wrap once; add further adapters with `load_adapter(folder, adapter_name=...)`"
        else:
            message = f"`{what}` is already a PeftModel: wrapping it again nests the wrappers and starts from a fresh adapter"
            help = "wrap once, for instance behind `if not isinstance(model, PeftModel)`"
        given = event.call.nodes.get("model") if event.call is not None else None
        # one helper that is called twice: the second call is the mistake
        if first is None or given is None or (first.node is not event.node and first.syntax is event.syntax):
            return self.report(event, message, help, trace, self._fix(analysis, event, first))
        node, syntax = analysis.seen_from(event, first, given.value)
        fix = self._fix(analysis, event, first) if node is event.node else None
        return self.report(event, message, help, trace, fix, node, syntax)

    def _fix(self, analysis: Analysis, event: Wrapped, first: Event | None) -> Fix | None:
        call, syntax = event.call, event.syntax
        if (
            call is None
            or call.open
            or event.how != "checkpoint"
            or first is None
            or first.syntax is not syntax
        ):
            return None
        statement = syntax.statement(call.node)
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return None
        assignment = statement.body[0]
        model = call.nodes.get("model")
        if not isinstance(assignment, cst.Assign) or assignment.value is not call.node or model is None:
            return None
        target = syntax.text(assignment.targets[0].target)
        if isinstance(first, Wrapped) and first.how == "config":
            return self._drop_first(analysis, event, first)
        name, folder = call.nodes.get("adapter_name"), call.nodes.get("model_id")
        if target != syntax.text(model.value) or name is None or folder is None:
            return None
        rest = [calls.argument_source(syntax, arg) for arg in call.node.args if arg is not model]
        edits = text.replace(syntax, assignment, f"{target}.load_adapter({', '.join(rest)})")
        edits += statements.insert_statement_after(
            syntax, statement, f"{target}.set_adapter({syntax.text(name.value)})"
        )
        return make_fix(event, "Load the second adapter into the same PeftModel", Applicability.UNSAFE, edits)

    def _drop_first(self, analysis: Analysis, event: Wrapped, first: Wrapped) -> Fix | None:
        """The fresh wrap has no use but to be wrapped: without it the second is right."""
        assert first.call is not None and event.call is not None
        syntax = event.syntax
        statement = syntax.statement(first.call.node)
        if not isinstance(statement, cst.SimpleStatementLine) or not isinstance(
            statement.body[0], cst.Assign
        ):
            return None
        target = syntax.text(statement.body[0].targets[0].target)
        wrapped, again = first.call.nodes.get("model"), event.call.nodes.get("model")
        if (
            wrapped is None
            or again is None
            or len({target, syntax.text(wrapped.value), syntax.text(again.value)}) != 1
            # a helper that wraps may be called by others too, now or later
            or first.stack != event.stack
            or _mentioned_between(syntax, target, statement, syntax.statement(event.call.node))
        ):
            return None
        edits = statements.delete_statement(syntax, statement.body[0])
        for name in ("get_peft_model", "LoraConfig"):
            edits += imports.remove_orphan_import(syntax, name, edits)
        return make_fix(event, "Drop the first wrap", Applicability.UNSAFE, edits)


def _mentioned_between(syntax: Syntax, name: str, first: cst.CSTNode, second: cst.CSTNode) -> bool:
    """Is `name` used between two statements, or are they not in one block? (`print_trainable_parameters()` needs the PeftModel.)"""
    if syntax.parent(first) is not syntax.parent(second):
        return True
    start, end = node_offsets(syntax, first)[1], node_offsets(syntax, second)[0]
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", syntax.code[start:end]) is not None


__all__ = ["Constant", "NestedPeftModel"]
