# Self test: two adapters on one model must give different outputs after a switch.
import sys

import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "facebook/opt-125m"


def logits_for(model, batch, adapter):
    model.set_adapter(adapter)
    model.eval()
    with torch.no_grad():
        return model(**batch).logits


def main():
    torch.manual_seed(0)
    tok = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForCausalLM.from_pretrained(MODEL)
    batch = tok("The quick brown fox jumps over", return_tensors="pt")

    cfg_a = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "k_proj"])
    cfg_b = LoraConfig(r=16, lora_alpha=32, target_modules=["v_proj", "out_proj"])
    model.add_adapter(cfg_a, adapter_name="adapter_a")
    model.add_adapter(cfg_b, adapter_name="adapter_b")

    out_a = logits_for(model, batch, "adapter_a")  # expect: PEFT201
    out_b = logits_for(model, batch, "adapter_b")  # expect: PEFT201
    diff = (out_a - out_b).abs().max().item()
    print("max difference:", diff)
    if diff < 1e-6:
        print("switching adapters has no effect!")
        sys.exit(1)
    print("ok")


if __name__ == "__main__":
    main()
