# Preparation helper chosen by the installed release.
import importlib.metadata

from packaging import version
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

PEFT_VERSION = version.parse(importlib.metadata.version("peft"))


def prepare(model):
    if PEFT_VERSION < version.parse("0.10.0"):
        from peft import prepare_model_for_int8_training

        return prepare_model_for_int8_training(model)
    else:
        from peft import prepare_model_for_kbit_training

        return prepare_model_for_kbit_training(model)


if __name__ == "__main__":
    cfg = BitsAndBytesConfig(load_in_8bit=True)
    net = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b", quantization_config=cfg, device_map="auto")
    print(type(prepare(net)))
