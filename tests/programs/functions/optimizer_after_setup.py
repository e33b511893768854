"""Hand-written training loop, split into the usual helper functions."""
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.optim import AdamW
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, get_linear_schedule_with_warmup


def build_model(name):
    model = AutoModelForSeq2SeqLM.from_pretrained(name)
    config = LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=8, lora_alpha=32, lora_dropout=0.1)
    return get_peft_model(model, config)


def build_optimizer(model, steps, lr=3e-4):
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = AdamW(trainable, lr=lr)
    scheduler = get_linear_schedule_with_warmup(optimizer, num_warmup_steps=50, num_training_steps=steps)
    return optimizer, scheduler


def run(loader, epochs=3):
    model = build_model("google/flan-t5-base")
    optimizer, scheduler = build_optimizer(model, epochs * len(loader))
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in loader:
            loss = model(**batch).loss
            loss.backward()
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            total += loss.item()
        print(epoch, total / len(loader))
    model.save_pretrained("out/flan")


run(torch.load("batches.pt", weights_only=False))
