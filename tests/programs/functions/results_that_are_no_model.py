import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def resume(base_id, checkpoint):
    model = AutoModelForCausalLM.from_pretrained(base_id)
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    weights = os.path.join(checkpoint, "adapter_model.bin")
    if os.path.exists(weights):
        print(f"Restarting from {weights}")
        adapters_weights = torch.load(weights)
        model = set_peft_model_state_dict(model, adapters_weights)  # expect: PEFT110
    model.print_trainable_parameters()
    return model


def second(base_id, first, other):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), first, adapter_name="first")
    model = model.load_adapter(other, adapter_name="other")  # expect: PEFT110
    model.set_adapter("other")
    return model


def checked(base_id, checkpoint):
    model = AutoModelForCausalLM.from_pretrained(base_id)
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    result = set_peft_model_state_dict(model, torch.load(os.path.join(checkpoint, "adapter_model.bin")))
    assert not result.unexpected_keys, result.unexpected_keys
    return model
