# Exact-match evaluation of one adapter.
import json

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("runs/qa", device_map="cuda")
tok = AutoTokenizer.from_pretrained("runs/qa")
hits = total = 0
for line in open("qa-test.jsonl"):
    row = json.loads(line)
    enc = tok(row["prompt"], return_tensors="pt").to("cuda")
    with torch.no_grad():
        out = model.generate(**enc, max_new_tokens=16, do_sample=False)
    pred = tok.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True).strip()
    hits += pred == row["answer"]
    total += 1
print(f"EM {hits / total:.3f}")
