"""A model that is an attribute and is called by itself, `self.model(x)`, is named in full, in messages and in fixes."""

from __future__ import annotations

import pytest

from peftlint.diagnostics import Applicability
from peftlint.linter import Options, check_bytes
from peftlint.settings import Settings

PROGRAM = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Gain:
    def __init__(self, base, adapter):
        self.base = AutoModelForCausalLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(self.base, adapter)

    def of(self, batch):
        tuned = self.model(**batch).logits
        plain = self.base(**batch).logits
        return (tuned - plain).abs().mean()
"""


@pytest.mark.parametrize("call", ["self.model(", "self.model.forward(", "self.model.__call__("])
def test_base_of_a_class(call: str) -> None:
    program = PROGRAM.replace("self.model(", call)
    report = check_bytes(program.encode(), "a.py", Settings(), Options(fix=Applicability.UNSAFE))
    assert report.change is not None
    assert (
        "        with self.model.disable_adapter():\n            plain = self.base("
        in report.change[1].decode()
    )
    (finding,) = check_bytes(program.encode(), "a.py", Settings()).diagnostics
    assert finding.message.startswith("`self.base` is not the plain model any more")
    assert finding.trace[1].message == "`self.base` runs with the adapter here"


def test_a_method_under_another_name() -> None:
    """`self.answer(...)` does not say whose method it is: `self` is no model."""
    program = PROGRAM.replace("    def of", "        self.plain = self.base.generate\n\n    def of")
    program = program.replace("self.base(**batch)", "self.plain(**batch)")
    found = check_bytes(program.encode(), "a.py", Settings()).diagnostics
    assert [finding.code for finding in found] == ["PEFT112"]
    assert not any(
        "`self`" in text for text in (found[0].message, *(step.message for step in found[0].trace))
    )
