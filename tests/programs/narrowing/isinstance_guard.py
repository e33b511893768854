import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel


def ensure_lora(model: PreTrainedModel | PeftModel, config: LoraConfig) -> PeftModel:
    """The model itself if it is wrapped already, else a new wrapper around it."""
    if isinstance(model, PeftModel):
        return model
    return get_peft_model(model, config)


def plain(model: PreTrainedModel | PeftModel) -> PreTrainedModel:
    """The model with all adapters merged in."""
    while isinstance(model, PeftModel):
        model = model.merge_and_unload()
    return model


def count(model: torch.nn.Module) -> tuple[int, int]:
    if hasattr(model, "get_nb_trainable_parameters"):
        return model.get_nb_trainable_parameters()
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, sum(p.numel() for p in model.parameters())


def prepare(model: PreTrainedModel, config: LoraConfig | None) -> PreTrainedModel | PeftModel:
    if config is None:
        return model
    wrapped = ensure_lora(model, config)
    print("trainable: %d of %d" % count(wrapped))
    return ensure_lora(wrapped, config)
