"""A config is given a keyword that its class does not have.

## What it does
Flags keywords of peft's config classes that no release in use knows: `lora_r=`, `dropout=`, `merge_weights=`
and other habits from elsewhere.

## Why is this bad?
`TypeError: LoraConfig.__init__() got an unexpected keyword argument 'lora_r'`.

## Example
```python
from peft import LoraConfig

config = LoraConfig(lora_r=16)
```

## Use instead
```python
from peft import LoraConfig

config = LoraConfig(r=16)
```

## Fix safety
Display only: the nearest keyword.

## When not to worry
Subclasses of the project, keywords given through `**options` that are not known, and code that asks which
keywords there are.

## Releases
The keywords of each class are read from each release.

## References
- https://github.com/huggingface/peft/issues/1511
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, configs

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.api.signatures import Signature

#: names that people bring from other places, with what peft calls them
_HABITS = {
    "lora_r": "r",
    "rank": "r",
    "lora_rank": "r",
    "dropout": "lora_dropout",
    "alpha": "lora_alpha",
    "lora_target_modules": "target_modules",
    "lora_bias_type": "bias",
}


class UnknownConfigArgument(Rule):
    code = "PEFT211"
    name = "unknown-config-argument"
    fixes = (Applicability.DISPLAY,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        from peftlint.semantics.api import table

        if analysis.vendored("peft"):
            return
        for event in configs(analysis):
            assert event.call is not None
            if event.handled or ".from_" in event.call.callee or event.call.open:
                continue
            signatures = [
                table.signature(f"peft.{event.config.class_name}", release)
                for release in analysis.targets.peft.releases
            ]
            known = [signature for signature in signatures if signature is not None]
            if not known or len(known) != len(signatures):
                continue
            for name in event.call.unknown:
                if any(s.has_kwargs or not s.complete or s.names(name) for s in known):
                    continue
                near = _nearest(name, known[-1])
                release = analysis.targets.peft.newest
                message = (
                    f"`{event.config.class_name}` of peft {release} has no argument `{name}`: the call fails"
                )
                help = f"did you mean `{near}`?" if near else "remove it"
                given = event.call.nodes.get(name)
                renamed = (
                    calls.rename_keyword(event.syntax, event.call.node, name, near)
                    if near and given and given.keyword
                    else []
                )
                fix = make_fix(event, f"Use `{near}`", Applicability.DISPLAY, renamed)
                yield self.report(event, message, help, (), fix, argument_node(event, name))


def _nearest(name: str, signature: Signature) -> str:
    habit = _HABITS.get(name, "")
    if habit in signature.keywords:
        return habit
    return next(iter(difflib.get_close_matches(name, signature.keywords, n=1, cutoff=0.7)), "")
