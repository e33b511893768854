"""`init_lora_weights` is given a string that the release does not know.

## What it does
Flags a literal for `init_lora_weights` that no release in use accepts: a misspelling, a value of a later
release, or "True" and "False" as strings.

## Why is this bad?
The config is accepted, and the call that adds the adapter raises `ValueError: Unknown initialization
init_lora_weights=...`. Peft 0.6 took any string silently for the default.

## Example
```python
from peft import LoraConfig

config = LoraConfig(init_lora_weights="guassian")
```

## Use instead
```python
from peft import LoraConfig

config = LoraConfig(init_lora_weights="gaussian")
```

## Fix safety
Display only: the nearest known value.

## When not to worry
Values that are variables.

## Releases
What is accepted is read from each release: gaussian 0.7, pissa 0.11, olora 0.12, eva 0.14, corda 0.15,
orthogonal 0.16, lora_ga 0.19, mica 0.20.

## References
- https://github.com/huggingface/peft/blob/main/src/peft/tuners/lora/config.py
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, configs, literal_node
from peftlint.semantics.values import text as string

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_LITERALS = "peft.LoraConfig.init_lora_weights"


class UnknownInitLoraWeights(Rule):
    code = "PEFT203"
    name = "unknown-init-lora-weights"
    fixes = (Applicability.DISPLAY,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        from peftlint.semantics.api import table

        releases = analysis.targets.peft.releases
        if analysis.vendored("peft"):
            return
        for event in configs(analysis, "LoraConfig"):
            given = string(event.config.argument("init_lora_weights"))
            if given is None or any(table.accepts_literal(_LITERALS, release, given) for release in releases):
                continue
            known = [value for value in table.literals(_LITERALS, releases[-1]) or () if "*" not in value]
            if given in ("True", "False"):
                better, help = given, f"give the value {given}, not a string"
            else:
                near = difflib.get_close_matches(given, known, n=1)
                better = f'"{near[0]}"' if near else ""
                help = f"did you mean {near[0]!r}?" if near else f"known values: {', '.join(known)}"
            message = f"peft {releases[-1]} has no initialisation {given!r}: adding the adapter fails"
            node = literal_node(event, "init_lora_weights")
            edits = text.replace(event.syntax, node, better) if node is not None and better else []
            fix = make_fix(event, f"Use {better}", Applicability.DISPLAY, edits)
            yield self.report(event, message, help, (), fix, argument_node(event, "init_lora_weights"))
