"""What is called depends on what the script says of the release."""
import peft
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def build(base, old):
    model = AutoModelForCausalLM.from_pretrained(base)
    if old:
        model = peft.prepare_model_for_int8_training(model)
    else:
        model = peft.prepare_model_for_kbit_training(model)
    return get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
