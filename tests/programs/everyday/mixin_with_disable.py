# Compare base and adapter perplexity through the transformers integration.
import math

import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "facebook/opt-350m"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name).cuda()
model.load_adapter("ybelkada/opt-350m-lora", adapter_name="lora")

texts = [t for t in load_dataset("wikitext", "wikitext-2-raw-v1", split="test")["text"] if len(t) > 200][:100]


@torch.no_grad()
def perplexity():
    total, n = 0.0, 0
    for t in texts:
        enc = tokenizer(t, return_tensors="pt", truncation=True, max_length=512).to("cuda")
        total += model(**enc, labels=enc["input_ids"]).loss.item()
        n += 1
    return math.exp(total / n)


print("with adapter", perplexity())
with model.disable_adapters():  # expect: PEFT801
    print("base", perplexity())
