"""Does the adapter help? Perplexity of base model and adapter on the same held-out text."""
import math

import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "gpt2"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name)
tuned = PeftModel.from_pretrained(base, "out/gpt2-poems")
tuned.eval()

lines = load_dataset("text", data_files="heldout.txt")["train"]["text"][:200]

base_loss = 0.0
tuned_loss = 0.0
with torch.no_grad():
    for line in lines:
        ids = tokenizer(line, return_tensors="pt").input_ids
        base_loss += base(ids, labels=ids).loss.item()  # expect: PEFT112
        tuned_loss += tuned(ids, labels=ids).loss.item()

print("base ", math.exp(base_loss / len(lines)))
print("tuned", math.exp(tuned_loss / len(lines)))
