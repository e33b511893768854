"""Tests of the helpers; some provoke the failure on purpose."""
import pytest
import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig


@pytest.fixture
def base():
    config = LlamaConfig(vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
    return AutoModelForCausalLM.from_config(config)


@pytest.fixture
def adapter(tmp_path, base):
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(base, config).save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def test_unknown_name(base):
    model = get_peft_model(base, LoraConfig(target_modules=["q_proj"]))
    with pytest.raises(ValueError, match="not found"):
        model.set_adapter("nope")


def test_list_of_names(base):
    model = get_peft_model(base, LoraConfig(target_modules=["q_proj"]))
    with pytest.raises(TypeError):
        model.set_adapter(["default"])


def test_bad_target():
    with pytest.raises(TypeError):
        LoraConfig(lora_r=8)


@pytest.mark.parametrize("spelling", [["all-linear"], "q_proj,v_proj"])
def test_spelling(base, spelling):
    with pytest.raises(ValueError):
        get_peft_model(base, LoraConfig(target_modules=spelling))


def test_second_wrap_warns(base):
    model = get_peft_model(base, LoraConfig(target_modules=["q_proj"]))
    with pytest.warns(UserWarning, match="second time"):
        get_peft_model(model, LoraConfig(target_modules=["q_proj"]))
