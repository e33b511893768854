from typing import Optional

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel


def ensure_peft(model: Optional[PreTrainedModel] = None, config: Optional[LoraConfig] = None) -> PeftModel:
    if model is None:
        model = AutoModelForCausalLM.from_pretrained("base")
    if config is None:
        config = LoraConfig(r=8, task_type="CAUSAL_LM")
    if isinstance(model, PeftModel):
        return model
    return get_peft_model(model, config)


def rewrap(model: PeftModel, config: LoraConfig):
    return get_peft_model(model, config)  # expect: PEFT103
