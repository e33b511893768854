# Best-checkpoint bookkeeping with a filtered state dict.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import evaluate, train_loader

model = AutoModelForCausalLM.from_pretrained("gpt2")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-4)

best = float("inf")
for epoch in range(5):
    model.train()
    for batch in train_loader():
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    score = evaluate(model)
    if score < best:
        best = score
        torch.save({k: v for k, v in model.state_dict().items() if "lora_" in k}, "best.pt")

model.load_state_dict(torch.load("best.pt"), strict=False)
model.save_pretrained("gpt2-best")
