"""Second training round with a plain PyTorch loop."""
import torch
from accelerate import Accelerator
from peft import PeftModel
from transformers import AutoModelForCausalLM


def get_model(checkpoint, adapter):
    base = AutoModelForCausalLM.from_pretrained(checkpoint)
    return PeftModel.from_pretrained(base, adapter)  # expect: PEFT401


def step(model, batch, accelerator):
    outputs = model(**batch)
    accelerator.backward(outputs.loss)
    return outputs.loss.detach()


def train(loader, checkpoint="EleutherAI/gpt-neo-125m", adapter="out/round1"):
    accelerator = Accelerator(gradient_accumulation_steps=4)
    model = get_model(checkpoint, adapter)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    model.train()
    for batch in loader:
        with accelerator.accumulate(model):
            loss = step(model, batch, accelerator)
            optimizer.step()
            optimizer.zero_grad()
        accelerator.print(f"{loss.item():.3f}")
    accelerator.unwrap_model(model).save_pretrained("out/round2")


train(torch.load("loader.pt", weights_only=False))
