import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def policy_and_reference(base_id, sft_dir):
    base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.bfloat16, device_map={"": 0})
    model = PeftModel.from_pretrained(base, sft_dir, adapter_name="policy", is_trainable=True)
    model.load_adapter(sft_dir, adapter_name="reference")
    model.set_adapter("policy")
    model.train()
    return model
