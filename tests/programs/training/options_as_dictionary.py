from dataclasses import asdict, dataclass

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


@dataclass
class Adapter:
    r: int = 8
    lora_alpha: int = 32
    init_lora_weights: bool = False
    task_type: str = "CAUSAL_LM"


def fit(batches, options=Adapter()):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(**asdict(options)))  # expect: PEFT202
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    for batch in batches:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("runs/gpt2")


fit(open("batches"))
