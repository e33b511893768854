"""Two ways to read an adapter file into a model; the first reads nothing."""
import argparse

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def wrapped(base_id):
    base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.float32)
    return get_peft_model(base, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))


def strict_off(base_id, folder):
    model = wrapped(base_id)
    state = load_file(f"{folder}/adapter_model.safetensors", device="cpu")
    model.load_state_dict(state, strict=False)  # expect: PEFT109
    return model.eval()


def by_peft(base_id, folder):
    model = wrapped(base_id)
    state = load_file(f"{folder}/adapter_model.safetensors", device="cpu")
    set_peft_model_state_dict(model, state)
    return model.eval()


def own_format(base_id, path):
    model = wrapped(base_id)
    state = torch.load(path)  # saved with torch.save of the lora entries of model.state_dict()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected
    return model.eval()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    strict_off("gpt2", parser.parse_args().folder)
