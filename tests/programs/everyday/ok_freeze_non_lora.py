# Freeze everything but the adapter.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import train_loader

model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("EleutherAI/pythia-160m"),
    LoraConfig(r=4, target_modules=["query_key_value", "dense"], task_type="CAUSAL_LM"),
)
for n, p in model.named_parameters():
    if "lora_" not in n:
        p.requires_grad = False

opt = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-3)
model.train()
for batch in train_loader():
    loss = model(**batch).loss
    loss.backward()
    opt.step()
    opt.zero_grad()
model.save_pretrained("pythia-lora")
