"""Where the models come from."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_base(name):
    return AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)


def load_adapted(name, adapter):
    model = PeftModel.from_pretrained(load_base(name), adapter)
    model.eval()
    return model


def load_tokenizer(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer
