from peft import PeftModel
from transformers import AutoModelForCausalLM


def load(path):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), path, adapter_name="main")
    from . import engine

    engine.warm_up(model)
    return model
