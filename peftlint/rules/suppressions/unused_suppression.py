"""A suppression comment that suppresses nothing.

## What it does
Reports `# peftlint: ignore[...]`, `# peftlint: ignore-file[...]` and `# noqa: PEFT...` comments that cover no
finding. Only rules that were run count: a comment for a rule of the strict set is not called unused in a
default run.

## Why is this bad?
The code that needed it has changed. Left in place, the comment would hide the next finding of that rule on
this statement, which may be a real one.

## Example
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/math", adapter_name="math")  # peftlint: ignore[add-adapter-from-pretrained]
```

## Use instead
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/math", adapter_name="math")
```

## Fix safety
Safe: only the comment goes, or the part of it that is unused. Codes of other linters in a `noqa` comment
stay.

## When not to worry
Where a comment is needed for another target release than the one that is checked now.

## Releases
All: this rule looks at comments, not at a library.

## References
- https://docs.astral.sh/ruff/rules/unused-noqa/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Severity
from peftlint.rules.base import Rule

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class UnusedSuppression(Rule):
    code = "PEFT001"
    name = "unused-suppression"
    severity = Severity.WARNING
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        # Whether a comment is used is known when all other rules have spoken: see peftlint/suppression.py.
        yield from ()
