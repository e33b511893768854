"""One optimizer, two adapters trained one after the other: the second never moves."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def config():
    return LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM")


def epoch(model, optimizer, batches):
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def main(first, second):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), config(), adapter_name="first")
    model.add_adapter("second", config())
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    epoch(model, optimizer, first)
    model.set_adapter("second")  # expect: PEFT407
    epoch(model, optimizer, second)
    model.save_pretrained("out/both")


main(torch.load("first.pt", weights_only=False), torch.load("second.pt", weights_only=False))
