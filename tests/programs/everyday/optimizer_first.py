import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, get_scheduler


def setup(name, lr=1e-4, steps=100):
    model = AutoModelForCausalLM.from_pretrained(name)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)  # expect: PEFT403
    scheduler = get_scheduler("cosine", optimizer, 10, steps)
    model = get_peft_model(model, LoraConfig(r=8, task_type="CAUSAL_LM"))
    return model, optimizer, scheduler


def train(name, loader):
    model, optimizer, scheduler = setup(name)
    model.train()
    for batch in loader:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    model.save_pretrained("out")
