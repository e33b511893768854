# Merge in place so that the serving job finds everything in one folder.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "mistralai/Mistral-7B-Instruct-v0.3"
OUT_DIR = "runs/support-bot"

tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, OUT_DIR)
merged = model.merge_and_unload()
merged.save_pretrained(OUT_DIR)  # expect: PEFT505
tokenizer.save_pretrained(OUT_DIR)
