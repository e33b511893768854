import torch
from peft import LoraConfig


def test_second_adapter_changes_output(lora_model):
    ids = torch.arange(8)[None]
    first = lora_model(input_ids=ids).logits
    lora_model.add_adapter("other", LoraConfig(task_type="CAUSAL_LM", target_modules=["q_proj"], init_lora_weights=False))  # expect: PEFT105
    second = lora_model(input_ids=ids).logits
    assert not torch.allclose(first, second)


class TestSwitch:
    def test_activated(self, lora_model):
        ids = torch.arange(8)[None]
        first = lora_model(input_ids=ids).logits
        lora_model.add_adapter("second", LoraConfig(task_type="CAUSAL_LM", target_modules=["q_proj"], init_lora_weights=False))
        lora_model.set_adapter("second")
        assert not torch.allclose(first, lora_model(input_ids=ids).logits)

    def test_disabled_by_hand(self, lora_model):
        ids = torch.arange(8)[None]
        lora_model.disable_adapter()  # expect: PEFT305
        reference = lora_model(input_ids=ids).logits
        assert reference.shape[-1] == 64
