"""One adapter per domain, trained one after the other; each round has its own optimizer."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

DOMAINS = ["law", "medicine", "sports"]


def config(rank=8):
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["c_attn"], task_type="CAUSAL_LM")


def build():
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), config(), adapter_name=DOMAINS[0])
    for domain in DOMAINS[1:]:
        model.add_adapter(domain, config())
    return model


def train(model, domain):
    model.set_adapter(domain)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
    for batch in torch.load(f"data/{domain}.pt", weights_only=False):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out", selected_adapters=[domain])


model = build()
for domain in DOMAINS:
    train(model, domain)
print("adapters:", list(model.peft_config))
