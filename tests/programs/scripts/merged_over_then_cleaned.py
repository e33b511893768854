# Merges an adapter in its own folder, and takes the adapter's files away afterwards.
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def merge_adapter(base_model_path, target_model_path, adapter_path):
    model = AutoModelForCausalLM.from_pretrained(base_model_path, dtype=torch.float16)
    tokenizer = AutoTokenizer.from_pretrained(target_model_path)
    model = PeftModel.from_pretrained(model, adapter_path)
    model = model.merge_and_unload()
    model.save_pretrained(target_model_path)
    tokenizer.save_pretrained(target_model_path)


def finish(config):
    merge_adapter(
        base_model_path=config.model, target_model_path=config.project_name, adapter_path=config.project_name
    )
    for file in os.listdir(config.project_name):
        if file.startswith("adapter_"):
            os.remove(f"{config.project_name}/{file}")
