from peft import PeftModel
from transformers import AutoModelForCausalLM


def local(adapter):
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), adapter)
