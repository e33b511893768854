"""Fresh adapters with random weights, made by tests that look at shapes and identity only."""
import pytest
import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from transformers import AutoModelForCausalLM, LlamaConfig


def tiny():
    config = LlamaConfig(vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
    return AutoModelForCausalLM.from_config(config).eval()


@pytest.fixture(params=[2, 4, 8])
def model(request):
    torch.manual_seed(0)
    return get_peft_model(tiny(), LoraConfig(r=request.param, target_modules=["q_proj"], init_lora_weights=False)).eval()


def test_rank(model):
    layers = [m for m in model.modules() if isinstance(m, LoraLayer)]
    assert all(layer.lora_A["default"].weight.shape[0] == layer.r["default"] for layer in layers)


def test_merge_keeps_output(model):
    ids = torch.arange(8)[None]
    with torch.no_grad():
        before = model(ids).logits
        merged = model.merge_and_unload()
        after = merged(ids).logits
    torch.testing.assert_close(before, after, atol=1e-4, rtol=1e-4)


def test_disable_is_base(model):
    ids = torch.arange(8)[None]
    with torch.no_grad(), model.disable_adapter():
        plain = model(ids).logits
    assert plain.shape == (1, 8, 64)
