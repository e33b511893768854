from peft import PeftModel
from transformers import AutoModelForCausalLM


def with_merged(model, fn):
    model.merge_adapter()
    try:
        return fn(model)
    finally:
        model.unmerge_adapter()


def fast_eval(batch):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a")
    return with_merged(model, lambda m: m(**batch).logits)


def snapshot():
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a")
    weights = with_merged(model, lambda m: m.state_dict())  # expect: PEFT506
    return {k: v for k, v in weights.items()}
