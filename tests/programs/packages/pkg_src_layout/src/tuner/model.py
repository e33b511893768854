from typing import TYPE_CHECKING

from transformers import AutoModelForCausalLM

if TYPE_CHECKING:
    from peft import PeftModel


def load_tuned(base: str, path: str) -> "PeftModel":
    from peft import LoraConfig, get_peft_model

    model = AutoModelForCausalLM.from_pretrained(base)
    return get_peft_model(model, LoraConfig.from_pretrained(path))  # expect: PEFT102
