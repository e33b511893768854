# Model factory of a small training package.
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def load_backbone(name):
    return AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)


def create_model(name, resume=None):
    model = load_backbone(name)
    if resume is not None:
        model = PeftModel.from_pretrained(model, resume)  # expect: PEFT401
    else:
        config = LoraConfig(
            r=16,
            lora_alpha=32,
            lora_dropout=0.05,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
            task_type="CAUSAL_LM",
        )
        model = get_peft_model(model, config)
    return model
