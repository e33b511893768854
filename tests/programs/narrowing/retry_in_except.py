"""Try the usual target modules, then all linear layers."""
import logging

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForCausalLM

log = logging.getLogger("lora")


def with_lora(model, rank=8):
    try:
        return get_peft_model(model, LoraConfig(r=rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    except ValueError as error:
        log.warning("%s: all linear layers instead", error)
        return get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear", task_type=TaskType.CAUSAL_LM))


def load_adapter_or_new(model, path):
    try:
        model = PeftModel.from_pretrained(model, path, is_trainable=True)
    except (OSError, ValueError):
        log.info("no adapter at %s", path)
        model = with_lora(model)
    return model


def main(batches):
    model = load_adapter_or_new(AutoModelForCausalLM.from_pretrained("facebook/opt-125m"), "out/opt")
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    for batch in batches:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out/opt")


main(torch.load("batches.pt", weights_only=False))
