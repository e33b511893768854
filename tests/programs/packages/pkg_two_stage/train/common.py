from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def build_model(base, adapter=None):
    model = AutoModelForCausalLM.from_pretrained(base)
    if adapter:
        return PeftModel.from_pretrained(model, adapter, is_trainable=True)
    return get_peft_model(model, LoraConfig(r=16, target_modules="all-linear", task_type="CAUSAL_LM"))
