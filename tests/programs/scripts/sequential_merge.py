"""Merge a list of adapters into the base model, one after the other."""
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = "mistralai/Mistral-7B-v0.1"
stages = ["adapters/stage1-domain", "adapters/stage2-instruct", "adapters/stage3-style"]
target = "merged/mistral-three-stages"

model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, low_cpu_mem_usage=True)

for number, stage in enumerate(stages, 1):
    if not os.path.isdir(stage):
        raise SystemExit(f"no such adapter: {stage}")
    print(f"[{number}/{len(stages)}] {stage}")
    model = PeftModel.from_pretrained(model, stage)
    model = model.merge_and_unload()

os.makedirs(target, exist_ok=True)
model.save_pretrained(target, max_shard_size="2GB")
AutoTokenizer.from_pretrained(base).save_pretrained(target)
print("done")
