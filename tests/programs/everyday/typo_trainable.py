# Resume LoRA training after a crash.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from loaders import train_loader

model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
model = PeftModel.from_pretrained(model, "runs/ckpt-500", is_trainble=True)  # expect: PEFT401, PEFT803
model.train()

optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
for i, batch in enumerate(train_loader()):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if i % 500 == 0:
        model.save_pretrained(f"runs/resumed-{i}")
