"""The setting `model-factories`: a house's own functions that make models."""

from __future__ import annotations

from pathlib import Path

from peftlint import check_source
from peftlint.settings import Settings

CODE = b"""
from house.models import load
from peft import PeftModel

model = load("chat")
model = PeftModel.from_pretrained(model, "out/b", adapter_name="b")
"""


def test_a_declared_factory_gives_a_peft_model() -> None:
    settings = Settings(model_factories={"house.models.load": "peft"}, root=Path())
    assert [d.code for d in check_source(CODE, "a.py", settings)] == ["PEFT103"]


def test_without_it_nothing_is_known() -> None:
    assert check_source(CODE, "a.py", Settings()) == []


def test_a_declared_plain_model_is_not_wrapped() -> None:
    settings = Settings(model_factories={"house.models.load": "transformers"})
    assert check_source(CODE, "a.py", settings) == []
