"""Leftovers that never run."""
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(path):
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    if not path:
        raise ValueError("which adapter?")
        model = get_peft_model(model, LoraConfig())
    model = PeftModel.from_pretrained(model, path)
    return model
    model.merge_and_unload()
    model.save_pretrained("merged")


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: dead_code.py ADAPTER")
        model = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig())
    model = load(sys.argv[1])
    if False:
        model = get_peft_model(model, LoraConfig(r=4))
        model.disable_adapter()
    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    with torch.no_grad():
        print(model(**tokenizer("Hello", return_tensors="pt")).logits.shape)


main()
