"""Does the adapter help? Perplexity of base model and adapter on the same held-out text."""
import math

import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "gpt2"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name)
model.eval()
lines = load_dataset("text", data_files="heldout.txt")["train"]["text"][:200]


def perplexity(lm):
    total = 0.0
    with torch.no_grad():
        for line in lines:
            ids = tokenizer(line, return_tensors="pt").input_ids
            total += lm(ids, labels=ids).loss.item()
    return math.exp(total / len(lines))


base_ppl = perplexity(model)  # before the adapter goes in

model = PeftModel.from_pretrained(model, "out/gpt2-poems")
tuned_ppl = perplexity(model)
with model.disable_adapter():
    again = perplexity(model)

print(f"base {base_ppl:.2f} ({again:.2f} with the adapter switched off), tuned {tuned_ppl:.2f}")
