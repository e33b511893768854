"""Shared by the modules of all trainers: only the default trainer wraps the model itself."""

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def lora(config):
    return LoraConfig(r=config.lora_r, lora_alpha=config.lora_alpha, task_type="CAUSAL_LM")


def get_model(config):
    model = AutoModelForCausalLM.from_pretrained(config.model)
    if config.trainer != "default":
        return model
    if config.peft:
        model = get_peft_model(model, lora(config))
    return model
