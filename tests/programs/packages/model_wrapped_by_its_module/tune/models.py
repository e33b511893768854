from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def lora(config):
    return LoraConfig(r=config.lora_r, task_type="CAUSAL_LM")


def get_model(config):
    model = AutoModelForCausalLM.from_pretrained(config.model)
    if config.peft:
        model = get_peft_model(model, lora(config))
    return model
