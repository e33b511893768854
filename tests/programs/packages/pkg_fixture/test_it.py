import pytest
import torch


def test_base_is_frozen(peft_model):
    trainable = [n for n, p in peft_model.named_parameters() if p.requires_grad]
    assert all("lora_" in n for n in trainable)


def test_disable(peft_model):
    peft_model.disable_adapter()  # expect: PEFT305
    with torch.no_grad():
        peft_model(torch.ones(1, 3, dtype=torch.long))


def test_no_such(peft_model):
    with pytest.raises(KeyError):
        peft_model.delete_adapter("nothing")
