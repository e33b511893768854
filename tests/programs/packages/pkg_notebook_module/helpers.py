from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def base():
    return AutoModelForCausalLM.from_pretrained("base")


def tuned(path):
    return PeftModel.from_pretrained(base(), path)  # expect: PEFT401


def start_again(path):
    model = tuned(path)
    model.train()
    return model
