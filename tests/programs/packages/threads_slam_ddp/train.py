"""Speech-LLM: only the LLM's LoRA is trained here (projector frozen in stage 2)."""
import json
import os
import sys

import torch
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

OUT = "exp/stage2/lora"
os.makedirs(OUT, exist_ok=True)
tok = AutoTokenizer.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
tok.pad_token = tok.eos_token
llm = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = get_peft_model(llm, LoraConfig(r=8, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")).cuda()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)

texts = [json.loads(l)["text"] for l in open(sys.argv[1])]
for step, b in enumerate(DataLoader(texts, batch_size=8, shuffle=True)):
    e = tok(list(b), return_tensors="pt", padding=True, truncation=True, max_length=128).to("cuda")
    loss = model(**e, labels=e["input_ids"].masked_fill(e["attention_mask"] == 0, -100)).loss
    loss.backward()
    opt.step()
    opt.zero_grad()

model.peft_config["default"].save_pretrained(OUT)
torch.save(model.state_dict(), os.path.join(OUT, "adapter_model.bin"))  # expect: PEFT507
