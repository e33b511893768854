"""Each blend has a name of its own, or the former one is deleted first."""

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


@torch.no_grad()
def loss(model, batches):
    return sum(model(**batch).loss.item() for batch in batches)


def load(base):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "a", adapter_name="a")
    model.load_adapter("b", adapter_name="b")
    return model


def search(base, batches):
    model = load(base)
    found = {}
    for percent in (20, 40, 60, 80):
        weight = percent / 100
        model.add_weighted_adapter(["a", "b"], [weight, 1 - weight], f"mix-{percent}", combination_type="linear")
        model.set_adapter(f"mix-{percent}")
        found[percent] = loss(model, batches)
    return min(found, key=found.get)


def search_in_one_place(base, batches):
    model = load(base)
    found = {}
    for weight in (0.2, 0.4, 0.6, 0.8):
        if "mix" in model.peft_config:
            model.set_adapter("a")
            model.delete_adapter("mix")
        model.add_weighted_adapter(["a", "b"], [weight, 1 - weight], "mix", combination_type="linear")
        model.set_adapter("mix")
        found[weight] = loss(model, batches)
    return min(found, key=found.get)
