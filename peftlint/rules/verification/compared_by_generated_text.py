"""Adapters are compared by the text that they generate.

## What it does
Flags `==`, `!=`, `torch.equal` and the like between tokens or texts that were generated under different
adapters (or with and without one), where the result is asserted or kept as a verdict.

## Why is this bad?
Text is what is left of the logits after argmax or a throw of dice. Two adapters that differ give the same
text for many prompts (measured: equal text, logits 2 apart), and with sampling one adapter gives two texts.
Such a check passes while no adapter is loaded, or fails while all is well.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/poetry", adapter_name="poetry")

def answer(adapter):
    model.set_adapter(adapter)
    return tokenizer.decode(model.generate(**inputs)[0])

same = answer("math") == answer("poetry")
```

## Use instead
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/poetry", adapter_name="poetry")

def logits(adapter):
    model.set_adapter(adapter)
    return model(**inputs).logits

same = torch.allclose(logits("math"), logits("poetry"))
```

## Fix safety
No fix: which input to compare the logits on is for the author to say.

## When not to worry
Programs that compare logits too, tests that ask for different tokens, answers compared with the expected ones,
printed side by side, repeated under *one* adapter, and filtered in loops over data (pairs for preference
training, disagreement rates).

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/1040
- https://github.com/huggingface/peft/blob/main/docs/source/developer_guides/troubleshooting.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.fixes.text import ancestors
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.effective import differ
from peftlint.semantics.events import Compared
from peftlint.semantics.records import Output
from peftlint.semantics.values import Sequence, Symbol, Value, sources_of
from peftlint.semantics.walk import children_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: parts of what generate() returns that are no text
_NUMBERS = frozenset(("logits", "scores", "hidden_states", "attentions", "loss", "shape", "size"))


class ComparedByGeneratedText(Rule):
    code = "PEFT601"
    name = "compared-by-generated-text"
    severity = Severity.WARNING

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Compared):
            for event in site:
                pair = self._pair(analysis, event)
                if pair is None or event.expected_failure or not self._is_verdict(event):
                    continue
                if self._checked_by_logits(analysis, event, pair[0].network):
                    continue
                if event.expects_equal is False and analysis.in_test(event) and not self._is_text(event):
                    # a test that wants other tokens, and passes, has seen another adapter
                    continue
                left, right = (words.listed(output.active or ()) or "the base model" for output in pair)
                trace = [
                    analysis.step(f"generated with {left}", pair[0].created),
                    analysis.step(f"generated with {right}", pair[1].created),
                    analysis.step("compared here", event),
                ]
                message = (
                    f"{left} and {right} are compared by generated text, which can be equal all the same"
                )
                help = "compare logits: `torch.allclose(model(**inputs).logits, ...)`"
                yield self.report(event, message, help, trace)
                break

    def _pair(self, analysis: Analysis, event: Compared) -> tuple[Output, Output] | None:
        """What was generated on both sides, if under certainly different adapters."""
        if event.how == "perhaps" or _of_numbers(event.node):
            return None
        left, right = (self._generated(analysis, value) for value in (event.left, event.right))
        if (
            left is None
            or right is None
            or left.network != right.network
            or not differ(left.active, right.active)
        ):
            return None
        return left, right

    def _generated(self, analysis: Analysis, value: Value) -> Output | None:
        """The one output that the value is, or is the text of; of a list, the first of those that were made alike."""
        if isinstance(value, Sequence):
            found = [self._generated(analysis, item) for item in value.items]
            first = found[0] if found else None
            alike = first is not None and all(
                each is not None and each.network == first.network and each.active == first.active
                for each in found
            )
            return first if alike else None
        outputs = [
            record
            for source in sources_of(value)
            if isinstance(record := analysis.interpreter.records.get(source), Output)
        ]
        if len(outputs) != 1 or not outputs[0].generated:
            return None
        if isinstance(value, Symbol) and value.key.startswith(("len", "call(", "shape")):
            return None
        return outputs[0]

    def _checked_by_logits(self, analysis: Analysis, event: Compared, network: int) -> bool:
        """Are outputs of the same model compared by numbers too?"""
        records = analysis.interpreter.records
        for other in analysis.all(Compared):
            if other.entry != event.entry:
                continue
            for source in sources_of(other.left) | sources_of(other.right):
                output = records.get(source)
                if isinstance(output, Output) and output.network == network and not output.generated:
                    return True
        return False

    def _is_text(self, event: Compared) -> bool:
        """Decoded, not tokens?"""
        return any(isinstance(v, Symbol) and v.key.startswith("text:") for v in (event.left, event.right))

    def _is_verdict(self, event: Compared) -> bool:
        """Asserted, or kept outside loops: not a filter over data."""
        if any(isinstance(parent, cst.Assert) for parent in ancestors(event.syntax, event.node)):
            return True
        return not event.loops


def _of_numbers(node: cst.CSTNode) -> bool:
    """Does the comparison look at scores, losses or lengths of what was generated?"""
    match node:
        case cst.Attribute(attr=cst.Name(value=name)) if name in _NUMBERS:
            return True
        case cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as text)):
            return text.evaluated_value in _NUMBERS
        case cst.Call(func=cst.Name(value="len")):
            return True
    return any(_of_numbers(child) for child in children_of(node))
