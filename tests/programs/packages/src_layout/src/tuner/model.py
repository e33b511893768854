from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from .settings import Settings


def build_model(settings: Settings):
    """The base model with a new adapter."""
    base = AutoModelForCausalLM.from_pretrained(settings.base)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        target_modules=list(settings.targets),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(base, config)
