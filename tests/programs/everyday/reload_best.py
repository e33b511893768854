# Compare the last and the best checkpoint of a run by perplexity on a plain transformers model.
import math

import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

RUN = "runs/2024-11-02"
tok = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")

lines = [r["text"] for r in load_dataset("wikitext", "wikitext-103-raw-v1", split="test[:2%]") if len(r["text"]) > 64]


def perplexity():
    losses = []
    with torch.no_grad():
        for t in lines:
            ids = tok(t, return_tensors="pt", truncation=True, max_length=1024).input_ids
            losses.append(model(input_ids=ids, labels=ids).loss.item())
    return math.exp(sum(losses) / len(losses))


model.load_adapter(f"{RUN}/last", adapter_name="candidate")
model.eval()
print("last:", perplexity())

# now the best one
model.load_adapter(f"{RUN}/best", adapter_name="candidate")  # expect: PEFT107
model.eval()
print("best:", perplexity())
