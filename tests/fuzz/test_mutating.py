"""Changes of programs by lines, for the guided search: often still Python, always of one kind, the same for the same seed."""

from __future__ import annotations

import ast

import pytest

from tools.fuzz import mutating
from tools.fuzz.mutating import mutated, programs

DONOR = """\
import torch
from peft import LoraConfig, get_peft_model

config = LoraConfig(r=8, task_type="CAUSAL_LM")
model = get_peft_model(base, config)
for batch in batches:
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
model.save_pretrained("out")
"""

DATA = (
    b"\0"
    + b"from peft import PeftModel\n\ndef load(base):\n    model = PeftModel.from_pretrained(base, 'a')\n    return model\n"
)


def parses(data: bytes) -> bool:
    try:
        ast.parse(data[1:])
    except (SyntaxError, ValueError):
        return False
    return True


def test_many_changes_are_python_and_nearly_all_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    # lines of a fixed program, so that a new one in the repository does not change what is made here
    monkeypatch.setattr(mutating, "programs", lambda: (DONOR,))
    made = [mutated(DATA, 4096, seed) for seed in range(200)]
    assert made == [mutated(DATA, 4096, seed) for seed in range(200)]
    assert sum(map(parses, made)) > 60
    assert sum(data != DATA for data in made) > 190
    assert len(set(made)) > 150


@pytest.mark.parametrize("data", [b"", b"\1", b"\2x", b"\0\n\n\n\n\n", b"\0\xff\xfe\n\0\n\t\n", DATA])
def test_any_input(data: bytes) -> None:
    for seed in range(100):
        made = mutated(data, 300, seed)
        assert len(made) <= 300
        assert made[:1] == (data[:1] or b"\0")


def test_the_search_starts_from_the_programs_of_the_repository() -> None:
    assert len(programs()) > 500
    assert any("get_peft_model" in text for text in programs())
