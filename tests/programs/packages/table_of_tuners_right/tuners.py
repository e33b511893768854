from peft import IA3Config, LoraConfig, PromptTuningConfig, get_peft_model
from registry import register


@register("lora")
def lora(model):
    return get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=8))


@register("ia3")
def ia3(model):
    return get_peft_model(model, IA3Config(task_type="CAUSAL_LM"))


@register("prompt")
def prompt(model):
    return get_peft_model(model, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=16))
