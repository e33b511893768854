"""Tests for the adapter service."""
import pytest
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "hf-internal-testing/tiny-random-LlamaForCausalLM"


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(BASE)


@pytest.fixture(scope="module")
def model():
    base = AutoModelForCausalLM.from_pretrained(BASE)
    return PeftModel.from_pretrained(base, "tests/data/trained-adapter")


def test_disable_changes_output(model, tokenizer):
    enc = tokenizer("hello there", return_tensors="pt")
    with_adapter = tokenizer.decode(model.generate(**enc, max_new_tokens=16, do_sample=False)[0])
    with model.disable_adapter():
        without = tokenizer.decode(model.generate(**enc, max_new_tokens=16, do_sample=False)[0])
    assert with_adapter != without  # expect: PEFT601
