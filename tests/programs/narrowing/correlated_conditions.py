"""The same condition decides twice; on no path is the model wrapped twice."""
import os

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel


def init_adapter(model: PreTrainedModel, adapters: list[str], create_new: bool, is_trainable: bool, rank: int = 8):
    adapter_to_resume = None
    if adapters:
        if is_trainable and not create_new:
            *to_merge, adapter_to_resume = adapters
        else:
            to_merge = adapters
        for adapter in to_merge:
            model = PeftModel.from_pretrained(model, adapter)
            model = model.merge_and_unload()
        if adapter_to_resume is not None:
            model = PeftModel.from_pretrained(model, adapter_to_resume, is_trainable=is_trainable)
            print("resumed", adapter_to_resume)

    if is_trainable and adapter_to_resume is None:
        model = get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear", task_type="CAUSAL_LM"))
    return model


def load(name, adapters=(), **options):
    model = AutoModelForCausalLM.from_pretrained(name)
    present = [path for path in adapters if os.path.isdir(path)]
    return init_adapter(model, present, options.get("create_new", False), options.get("train", True))
