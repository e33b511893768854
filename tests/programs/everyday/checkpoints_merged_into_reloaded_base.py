"""Each checkpoint is merged into a base of its own; the stages that belong together are merged one after the other."""

from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load(name):
    return AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16)


@torch.no_grad()
def loss(model, batches):
    return sum(model(**batch).loss.item() for batch in batches)


def sweep(name, folder, batches):
    table = {}
    for checkpoint in sorted(Path(folder).glob("checkpoint-*")):
        merged = PeftModel.from_pretrained(load(name), checkpoint).merge_and_unload()
        table[checkpoint.name] = loss(merged, batches)
    return table


def stages(name, folders, batches):
    base = load(name)
    losses = []
    for folder in folders:
        merged = PeftModel.from_pretrained(base, folder).merge_and_unload()
        losses.append(loss(merged, batches))
        base = merged
    base.save_pretrained("stages")
    return losses
