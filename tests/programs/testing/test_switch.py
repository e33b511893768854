import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


@pytest.fixture(scope="module")
def base():
    return AutoModelForCausalLM.from_pretrained("tiny")


@pytest.fixture
def model(base):
    model = get_peft_model(base, LoraConfig(r=4, init_lora_weights=False), adapter_name="a")
    model.add_adapter("b", LoraConfig(r=4, init_lora_weights=False))
    return model


def test_unknown_adapter(model):
    with pytest.raises(ValueError):
        model.set_adapter("nope")


def test_switch(model):
    ids = torch.ones(1, 4, dtype=torch.long)
    first = model(ids).logits
    model.set_adapter("b")
    second = model(ids).logits
    assert not torch.allclose(first, second)


def test_typo(model):
    model.set_adapter("bb")  # expect: PEFT106
