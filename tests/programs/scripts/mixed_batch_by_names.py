"""One batch, three adapters: the rows say which one."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-1.5B-Instruct"
tok = AutoTokenizer.from_pretrained(BASE, padding_side="left")
base = AutoModelForCausalLM.from_pretrained(BASE, device_map="auto")

model = PeftModel.from_pretrained(base, "loras/summarize", adapter_name="summarize")
model.load_adapter("loras/translate", adapter_name="translate")
model.load_adapter("loras/title", adapter_name="title")
model.eval()

prompts = ["Summarize: ...", "Translate: ...", "Find a title: ...", "Hello!"]
names = ["summarize", "translate", "title", "__base__"]
batch = tok(prompts, return_tensors="pt", padding=True).to(model.device)

with torch.no_grad():
    generated = model.generate(**batch, adapter_names=names, max_new_tokens=100)

for name, text in zip(names, tok.batch_decode(generated, skip_special_tokens=True)):
    print(f"[{name}] {text}")
