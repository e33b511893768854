# Works with old and new releases.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

try:
    from peft import prepare_model_for_kbit_training
except ImportError:
    from peft import prepare_model_for_int8_training as prepare_model_for_kbit_training


def build(name):
    model = AutoModelForCausalLM.from_pretrained(
        name, quantization_config=BitsAndBytesConfig(load_in_8bit=True), device_map="auto"
    )
    model = prepare_model_for_kbit_training(model)
    return get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))


if __name__ == "__main__":
    build("facebook/opt-1.3b").print_trainable_parameters()
