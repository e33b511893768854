# Convert an adapter to safetensors in place and make a merged copy elsewhere.
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base_id, adapter_dir = sys.argv[1:3]
base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, adapter_dir)
model.save_pretrained(adapter_dir)

merged = model.merge_and_unload()
merged.save_pretrained(adapter_dir.rstrip("/") + "-merged")
