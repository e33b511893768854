from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class WithLora:
    lora_kwargs = {"r": 8, "lora_alpha": 16, "target_module": ["q_proj"]}

    def __init__(self, name):
        super().__init__()
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(**self.lora_kwargs))  # expect: PEFT211


class Named:
    def __init__(self):
        self.name = type(self).__name__


class Tuner(WithLora, Named):
    pass


Tuner("base")
