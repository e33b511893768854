#!/usr/bin/env python3
import argparse

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

parser = argparse.ArgumentParser("Merge LoRA. AutoModel can load adapters directly, so no peft import needed")
parser.add_argument("adapter_dir")
parser.add_argument("out_dir")
parser.add_argument("--dtype", default="bfloat16", choices=["float16", "bfloat16", "float32"])
parser.add_argument("--shard", default="2GB")
args = parser.parse_args()

model = AutoModelForCausalLM.from_pretrained(args.adapter_dir, torch_dtype=getattr(torch, args.dtype), device_map="cpu")
print("active:", model.active_adapters())
model = model.merge_and_unload()  # expect: PEFT801
model.save_pretrained(args.out_dir, max_shard_size=args.shard)

tok = AutoTokenizer.from_pretrained(args.adapter_dir)
tok.save_pretrained(args.out_dir)
print("merged into", args.out_dir)
