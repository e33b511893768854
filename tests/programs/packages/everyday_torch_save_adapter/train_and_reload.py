# Train, save by hand, reload for evaluation.
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import evaluate, train_loader

NAME = "gpt2-medium"
SAVE = "gpt2-poems"

model = AutoModelForCausalLM.from_pretrained(NAME)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-4)
model.train()
for batch in train_loader():
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

os.makedirs(SAVE, exist_ok=True)
model.peft_config["default"].save_pretrained(SAVE)
torch.save(model.state_dict(), os.path.join(SAVE, "adapter_model.bin"))  # expect: PEFT507
del model

fresh = AutoModelForCausalLM.from_pretrained(NAME)
reloaded = PeftModel.from_pretrained(fresh, SAVE)
print(evaluate(reloaded))
