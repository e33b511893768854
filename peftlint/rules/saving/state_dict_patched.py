"""`model.state_dict` is replaced by get_peft_model_state_dict: the saved adapter is empty.

## What it does
Flags the assignment of a function that calls `get_peft_model_state_dict` to `model.state_dict` (the hack of
alpaca-lora), unless the project says that it uses peft 0.20 or newer: the code is copied from programs of
2023, and most of those run with the peft of their time.

## Why is this bad?
`save_pretrained` filters the state dict itself. Filtered twice, nothing is left: the adapter file holds no
tensors (443 bytes; measured on peft 0.6 to 0.19), and what was trained for hours is lost. Nothing warns.

## Example
```python
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
old_state_dict = model.state_dict
model.state_dict = (
    lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())
).__get__(model, type(model))
train(model)
model.save_pretrained(folder)
```

## Use instead
Nothing: delete the lines. `model.save_pretrained(folder)` saves just the adapter.
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
train(model)
model.save_pretrained(folder)
```

## Fix safety
Safe: the assignment is deleted (and the line that keeps the old method, where nothing else uses it).

## When not to worry
From peft 0.20 on the weights are saved all the same: projects that declare such a release hear nothing.

## Releases
peft before 0.20, and projects that declare no release.

## References
- https://github.com/tloen/alpaca-lora/issues/334
- https://github.com/tloen/alpaca-lora/pull/359
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix
from peftlint.fixes import imports, statements
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AttributeAssigned
from peftlint.semantics.walk import walk

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.syntax import Syntax

_FILTER = "get_peft_model_state_dict"


class StateDictPatched(Rule):
    code = "PEFT504"
    name = "state-dict-patched"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        peft = analysis.targets.peft
        if (peft.declared and not peft.some("<0.20")) or peft.copied:
            # of a copy only itself knows how it saves: before 0.3 the patch did no harm
            return
        for site in analysis.sites(AttributeAssigned):
            event = site[0]
            if event.attribute != "state_dict" or event.network is None or event.expected_failure:
                continue
            statement = _small(event.syntax, event.node)
            if statement is None or not _filters(event.syntax, statement):
                continue
            message = (
                "`save_pretrained` filters the state dict itself: "
                "with this patch peft before 0.20 saves an adapter without weights"
            )
            help = "delete the patch; `model.save_pretrained(folder)` saves just the adapter"
            yield self.report(event, message, help, (), self._fix(event, statement), node=statement)

    def _fix(self, event: AttributeAssigned, statement: cst.BaseSmallStatement) -> Fix | None:
        syntax = event.syntax
        edits: list[Edit] = statements.delete_statement(syntax, statement)
        kept = self._kept_method(syntax, statement)
        if kept is not None:
            edits += statements.delete_statement(syntax, kept)
        edits += imports.remove_orphan_import(syntax, _FILTER, edits)
        return make_fix(event, "Delete the patch", Applicability.SAFE, edits)

    def _kept_method(self, syntax: Syntax, statement: cst.BaseSmallStatement) -> cst.CSTNode | None:
        """`old_state_dict = model.state_dict`, if only the patch uses the variable."""
        words = {node.value for node in walk(statement) if isinstance(node, cst.Name)}
        for node in syntax.every(cst.Assign):
            if (
                isinstance(node, cst.Assign)
                and isinstance(node.value, cst.Attribute)
                and node.value.attr.value == "state_dict"
            ):
                target = node.targets[0].target
                if isinstance(target, cst.Name) and target.value in words:
                    uses = [
                        n
                        for n in syntax.every(cst.Name)
                        if isinstance(n, cst.Name) and n.value == target.value
                    ]
                    inside = [
                        n for n in walk(statement) if isinstance(n, cst.Name) and n.value == target.value
                    ]
                    if len(uses) == len(inside) + 1:
                        return node
        return None


def _small(syntax: Syntax, node: cst.CSTNode | None) -> cst.BaseSmallStatement | None:
    """The statement of the node: others may stand on its line."""
    while node is not None and not isinstance(node, cst.BaseSmallStatement):
        node = syntax.parent(node)
    return node


def _filters(syntax: Syntax, statement: cst.BaseSmallStatement) -> bool:
    """Does the statement mention `get_peft_model_state_dict`, under whatever name it was imported?"""
    names = {_FILTER}
    for node in syntax.every(cst.ImportAlias):
        if (
            isinstance(node, cst.ImportAlias)
            and node.asname is not None
            and syntax.text(node.name) == _FILTER
        ):
            names.add(syntax.text(node.asname.name))
    mentioned = {node.value for node in walk(statement) if isinstance(node, cst.Name)}
    return not names.isdisjoint(mentioned)
