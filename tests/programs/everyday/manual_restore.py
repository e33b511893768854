# Load an adapter by hand: config first, then the weights with a check of the keys.
import os
import sys

import torch
from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_by_hand(folder, device="cpu"):
    config = PeftConfig.from_pretrained(folder)
    base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
    model = get_peft_model(base, config)
    state = load_file(os.path.join(folder, "adapter_model.safetensors"), device=device)
    result = set_peft_model_state_dict(model, state)
    if result.unexpected_keys:
        raise RuntimeError(f"keys not used: {result.unexpected_keys[:5]}")
    return model.to(device).eval(), AutoTokenizer.from_pretrained(config.base_model_name_or_path)


if __name__ == "__main__":
    folder = sys.argv[1]
    model, tok = load_by_hand(folder, "cuda" if torch.cuda.is_available() else "cpu")
    while True:
        try:
            text = input("> ")
        except EOFError:
            break
        enc = tok(text, return_tensors="pt").to(model.device)
        with torch.no_grad():
            out = model.generate(**enc, max_new_tokens=100)
        print(tok.decode(out[0], skip_special_tokens=True))
