"""`modules_to_save` is a string, or the None that `append` returns.

## What it does
Flags a plain string for `modules_to_save`, and `names.append(...)` as its value.

## Why is this bad?
A string is gone through letter by letter, and each letter is matched against the ends of module names: on a
Llama "lm_head" makes a trainable copy of the whole `model.model`, because its name ends with "l" (measured:
about half of all parameters trainable). On others it raises a misleading TypeError. `append` returns None: no
module is saved at all.

## Example
```python
from peft import LoraConfig

config = LoraConfig(modules_to_save="lm_head")
```

## Use instead
```python
from peft import LoraConfig

config = LoraConfig(modules_to_save=["lm_head"])
```

## Fix safety
Safe.

## When not to worry
Lists, tuples, and values that are not known.

## Releases
All releases: an exception up to peft 0.12 on Llama, silent since.

## References
- https://github.com/huggingface/peft/issues/1070
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, configs, literal_node, option_default
from peftlint.semantics.values import text as string

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class ModulesToSaveNotAList(Rule):
    code = "PEFT207"
    name = "modules-to-save-not-a-list"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for event in configs(analysis):
            node = literal_node(event, "modules_to_save")
            appended = _appended(node)
            name = string(event.config.argument("modules_to_save")) or string(
                option_default(event, "modules_to_save")
            )
            if appended is not None and node is not None:
                items, added = appended
                better = f"[*{event.syntax.text(items)}, {event.syntax.text(added)}]"
                message = "`append` returns None: no module will be saved beside the adapter"
            elif name is not None:
                better = f"[{event.syntax.text(node)}]" if node is not None else ""
                message = f"a string is matched letter by letter: {name!r} does not name the module {name!r}"
            else:
                continue
            edits = text.replace(event.syntax, node, better) if node is not None and better else []
            fix = make_fix(event, "Give a list", Applicability.SAFE, edits)
            help = f"write `modules_to_save={better}`" if better else "give a list of module names"
            yield self.report(event, message, help, (), fix, argument_node(event, "modules_to_save"))


def _appended(node: cst.BaseExpression | None) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    match node:
        case cst.Call(func=cst.Attribute(value=items, attr=cst.Name(value="append")), args=[arg]):
            return items, arg.value
    return None
