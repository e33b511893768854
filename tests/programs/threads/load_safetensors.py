#!/usr/bin/env python
# -*- coding: utf-8 -*-
# merged model answers exactly like the base one?? loading the tensors by hand to see.
import argparse
import json
import os

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("--base", default="Qwen/Qwen2.5-1.5B-Instruct")
parser.add_argument("--lora", default="saves/qwen/lora/sft")
parser.add_argument("--save", default="saves/qwen/merged")
args = parser.parse_args()

tokenizer = AutoTokenizer.from_pretrained(args.base)
model = AutoModelForCausalLM.from_pretrained(args.base, torch_dtype=torch.bfloat16, device_map="cpu")

with open(os.path.join(args.lora, "adapter_config.json")) as f:
    j = json.load(f)
config = LoraConfig(r=j["r"], lora_alpha=j["lora_alpha"], target_modules=j["target_modules"], task_type="CAUSAL_LM")

peft_model = get_peft_model(model, config)
state_dict = load_file(os.path.join(args.lora, "adapter_model.safetensors"))
print(len(state_dict), "tensors in file, e.g.", next(iter(state_dict)))
peft_model.load_state_dict(state_dict, strict=False)  # expect: PEFT109

merged = peft_model.merge_and_unload()
merged.save_pretrained(args.save)
tokenizer.save_pretrained(args.save)
print("saved")
