"""Evaluate all checkpoints of a run. The wrapper is unloaded at the end of each round."""
import glob
import re

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification


def accuracy(model, batches):
    hits = total = 0
    with torch.no_grad():
        for batch in batches:
            labels = batch.pop("labels")
            hits += (model(**batch).logits.argmax(-1) == labels).sum().item()
            total += len(labels)
    return hits / total


def step_of(path):
    return int(re.search(r"checkpoint-(\d+)", path).group(1))


def evaluate(run, batches):
    base = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=2)
    base.eval()
    scores = {"base": accuracy(base, [dict(b) for b in batches])}
    for checkpoint in sorted(glob.glob(f"{run}/checkpoint-*"), key=step_of):
        model = PeftModel.from_pretrained(base, checkpoint)
        scores[checkpoint] = accuracy(model, [dict(b) for b in batches])
        base = model.unload()
    return scores


for name, score in evaluate("out/sst2", torch.load("dev.pt", weights_only=False)).items():
    print(f"{score:.4f} {name}")
