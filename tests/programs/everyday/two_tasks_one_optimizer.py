# Train two task adapters one after the other.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from mydata import task_loader

base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
lora = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, lora, adapter_name="summarize")
model.add_adapter("translate", lora)
model.cuda()

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)


def run_epoch(loader):
    model.train()
    total = 0.0
    for batch in loader:
        batch = {k: v.cuda() for k, v in batch.items()}
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
    return total / len(loader)


print("summarize", run_epoch(task_loader("summarize")))

model.set_adapter("translate")  # expect: PEFT407
print("translate", run_epoch(task_loader("translate")))

model.save_pretrained("two-tasks")
