"""A suppression comment that names no rule.

## What it does
Reports `# peftlint: ignore[...]` with a code or name that no rule has, `# noqa: PEFT...` with an unknown
code, and `# peftlint:` followed by a word that is no comment of peftlint's.

## Why is this bad?
It suppresses nothing: a misspelt name leaves the finding in place, and a reader believes it was looked at.

## Example
```python
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
config = PeftConfig.from_pretrained("adapters/math")
model.add_adapter(config)  # peftlint: ignore[add-adaptor-from-pretrained] weights are copied in below
```

## Use instead
```python
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
config = PeftConfig.from_pretrained("adapters/math")
model.add_adapter(config)  # peftlint: ignore[add-adapter-from-pretrained] weights are copied in below
```

## Fix safety
Safe: what suppresses nothing is removed. To suppress the finding, write the name that the message suggests.

## When not to worry
Codes of other linters in a `noqa` comment, and rules of a package that adds some and is not installed here.

## Releases
All: this rule looks at comments, not at a library.

## References
- https://docs.astral.sh/ruff/rules/invalid-rule-code/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Severity
from peftlint.rules.base import Rule

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class UnknownSuppression(Rule):
    code = "PEFT002"
    name = "unknown-suppression"
    severity = Severity.WARNING
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        # Comments are read by peftlint/suppression.py, once all other rules have spoken.
        yield from ()
