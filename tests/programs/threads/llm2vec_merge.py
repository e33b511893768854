"""Merge the MNTP adapter so that the simcse stage can start from plain weights."""
import os
import shutil
import sys

import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer

BASE = "princeton-nlp/Sheared-LLaMA-1.3B"
OUT = sys.argv[1] if len(sys.argv) > 1 else "output/mntp/Sheared-LLaMA-1.3B"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModel.from_pretrained(BASE, torch_dtype=torch.bfloat16)
model = PeftModel.from_pretrained(model, OUT)
print("before", model.base_model.model.layers[0].self_attn.q_proj.weight.float().norm())

model = model.merge_and_unload()
print("after ", model.layers[0].self_attn.q_proj.weight.float().norm())
model.save_pretrained(OUT)  # expect: PEFT505
tokenizer.save_pretrained(OUT)
print("files:", sorted(os.listdir(OUT)), "free GB:", shutil.disk_usage(OUT).free // 2**30)
