# Save named adapters and load them again.
import os

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import fit

NAME, OUT = "facebook/opt-125m", "out/adapters"


def train():
    model = AutoModelForCausalLM.from_pretrained(NAME)
    cfg = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, cfg, adapter_name="qa")
    fit(model, "qa.jsonl")
    model.save_pretrained(OUT)


def reload():
    base = AutoModelForCausalLM.from_pretrained(NAME)
    model = PeftModel.from_pretrained(base, os.path.join(OUT, "qa"), adapter_name="qa")
    return model.eval()


def reload_with_subfolder():
    base = AutoModelForCausalLM.from_pretrained(NAME)
    return PeftModel.from_pretrained(base, OUT, subfolder="qa")


if __name__ == "__main__":
    train()
    print(reload())
