import torch
from peft import PeftModel, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig


def quant_cfg():
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def get_model(base_id, adapter_id):
    base = AutoModelForCausalLM.from_pretrained(base_id, quantization_config=quant_cfg(), device_map={"": 0})
    net = PeftModel.from_pretrained(base, adapter_id, is_trainable=True)
    net = prepare_model_for_kbit_training(net)  # expect: PEFT402
    net.config.use_cache = False
    return net
