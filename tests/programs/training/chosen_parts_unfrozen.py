"""Freezing before the wrap, and unfreezing of chosen parts after it."""
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2", pad_token="<|endoftext|>")
model = AutoModelForCausalLM.from_pretrained("gpt2")
for param in model.parameters():
    param.requires_grad = False
    if param.ndim == 1:
        param.data = param.data.to(torch.float32)

model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
for name, param in model.named_parameters():
    if "lora_" in name:
        param.requires_grad = True
    else:
        param.requires_grad_(False)

old = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/old")
for name, param in old.named_parameters():
    param.requires_grad = "lora" in name

for trained, folder in ((model, "out/new"), (old, "out/old2")):
    optimizer = torch.optim.AdamW([p for p in trained.parameters() if p.requires_grad], lr=1e-4)
    for chunk in DataLoader(open("train.txt").read().splitlines(), batch_size=8):
        batch = tokenizer(chunk, return_tensors="pt", padding=True)
        trained(**batch, labels=batch["input_ids"]).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    trained.save_pretrained(folder)
