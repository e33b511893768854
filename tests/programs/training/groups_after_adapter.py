"""Groups by name, made after the adapter; a second optimizer holds what the first did before."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def groups(model, lr):
    adapter, rest = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (adapter if "lora_" in name else rest).append(parameter)
    return [{"params": adapter, "lr": lr}, {"params": rest, "lr": lr / 10}]


def main():
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    warm_up = torch.optim.SGD([{"params": [p for n, p in model.named_parameters() if "ln_" in n]}], lr=1e-3)
    for batch in torch.load("warm_up.pt", weights_only=False):
        model(**batch).loss.backward()
        warm_up.step()
        warm_up.zero_grad()
    model = get_peft_model(
        model, LoraConfig(r=8, target_modules=["c_attn"], modules_to_save=["ln_f"], task_type="CAUSAL_LM")
    )
    model.train()
    optimizer = torch.optim.AdamW(groups(model, 1e-4))
    for batch in torch.load("batches.pt", weights_only=False):
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out/right")


main()
