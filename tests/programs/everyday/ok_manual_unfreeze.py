# Resume with an explicit choice of which parameters train.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from loaders import train_loader

model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model = PeftModel.from_pretrained(model, "opt-lora/epoch-1")
for name, param in model.named_parameters():
    if "lora_" in name:
        param.requires_grad = True
model.print_trainable_parameters()

model.train()
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trainable, lr=1e-4)
for batch in train_loader():
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("opt-lora/epoch-2")
