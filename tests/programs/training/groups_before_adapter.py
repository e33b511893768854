"""The groups of the optimizer are made of the parameters that exist before the adapter does."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def parameter_groups(model, weight_decay):
    decay, plain = [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if parameter.ndim == 1 or name.endswith("bias"):
            plain.append(parameter)
        else:
            decay.append(parameter)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def main():
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=1e-4)  # expect: PEFT403
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    model.train()
    for batch in torch.load("batches.pt", weights_only=False):
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out/late")


main()
