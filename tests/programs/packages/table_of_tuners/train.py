import argparse

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import tuners  # noqa: F401  enters them in the table
from registry import TUNERS

parser = argparse.ArgumentParser()
parser.add_argument("--tuner", choices=["lora", "ia3", "prompt"], default="lora")
args = parser.parse_args()

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = TUNERS[args.tuner](AutoModelForCausalLM.from_pretrained("gpt2"))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-4)
for line in open("train.txt"):
    batch = tokenizer(line, return_tensors="pt")
    model(**batch, labels=batch["input_ids"]).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(f"out/{args.tuner}")
