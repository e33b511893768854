from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel


def ensure_lora(model: PreTrainedModel | PeftModel, config: LoraConfig) -> PeftModel:
    if isinstance(model, PeftModel):
        print("already has", ", ".join(model.peft_config))
        return get_peft_model(model, config)  # expect: PEFT103
    return get_peft_model(model, config)


def switch(model: PreTrainedModel | PeftModel, names: list[str]) -> None:
    if not isinstance(model, PeftModel):
        model.set_adapter(names)
        return
    for name in names:
        if name not in model.peft_config:
            raise ValueError(name)
    model.set_adapter(names[0])


def off(model: PreTrainedModel | PeftModel) -> None:
    if isinstance(model, PeftModel):
        model.disable_adapter()  # expect: PEFT305
    else:
        model.disable_adapters()
