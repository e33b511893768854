"""Evaluate several checkpoints on one base; unload() between them (fix of the contamination problem)."""
import csv
import gc
import sys
from pathlib import Path

import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "google/gemma-2-2b"
tok = AutoTokenizer.from_pretrained(BASE)
base_model = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.bfloat16, device_map="auto")
test = load_dataset("json", data_files="triples_test.jsonl", split="train")


@torch.no_grad()
def nll(model):
    tot, n = 0.0, 0
    for r in test:
        b = tok(r["text"] + " => " + r["triple"], return_tensors="pt").to(model.device)
        tot += model(**b, labels=b["input_ids"]).loss.item()
        n += 1
    return tot / n


rows = [("base", nll(base_model))]
for path in sorted(Path(sys.argv[1]).glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1])):
    model = PeftModel.from_pretrained(base_model, str(path))
    model.eval()
    rows.append((path.name, nll(model)))
    base_model = model.unload()
    del model
    gc.collect()
    torch.cuda.empty_cache()

with open("results.csv", "w", newline="") as f:
    csv.writer(f).writerows([("ckpt", "nll"), *rows])
for r in rows:
    print(*r)
