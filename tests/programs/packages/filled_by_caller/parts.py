"""The adapter is added here; its weights are copied in by another function here, which the script calls next."""
import torch
from peft import PeftConfig
from safetensors import safe_open


def add(model, folder, name):
    model.add_adapter(PeftConfig.from_pretrained(folder), adapter_name=name)


def fill(model, folder, name):
    with safe_open(f"{folder}/adapter_model.safetensors", framework="pt") as file:
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                with torch.no_grad():
                    parameter.data.copy_(file.get_tensor("base_model.model." + key.replace(f".{name}", "")))
