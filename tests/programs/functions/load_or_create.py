"""Continue from an adapter if there is one, else start a new one. One wrap on each path."""
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def get_model(base_id, output_dir):
    model = AutoModelForCausalLM.from_pretrained(base_id)
    resume = os.path.exists(os.path.join(output_dir, "adapter_config.json"))
    if resume:
        print("continuing with", output_dir)
        model = PeftModel.from_pretrained(model, output_dir, is_trainable=True)
    if not resume:
        print("new adapter")
        model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    return model


def main(batches, base_id="gpt2", output_dir="out/notes"):
    model = get_model(base_id, output_dir)
    if not isinstance(model, PeftModel):
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM"))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for batch in batches:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(output_dir)


main(torch.load("batches.pt", weights_only=False))
