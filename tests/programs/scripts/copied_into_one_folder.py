"""Adapters scaled and merged one after the other, each by way of the same folder."""
import os
import shutil

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification


def merge_all(model, adapters, weights):
    folder = "tmp"
    os.makedirs(folder, exist_ok=True)
    for adapter, weight in zip(adapters, weights):
        shutil.copy(f"{adapter}/adapter_config.json", folder)
        state = {k: weight * v for k, v in torch.load(f"{adapter}/adapter_model.bin").items()}
        torch.save(state, f"{folder}/adapter_model.bin")
        model = PeftModel.from_pretrained(model, folder)
        model = model.merge_and_unload()
    return model


merged = merge_all(AutoModelForSequenceClassification.from_pretrained("base"), ["a", "b"], [0.5, 0.5])
