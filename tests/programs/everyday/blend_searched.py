import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


@torch.no_grad()
def loss(model, batches):
    return sum(model(**batch).loss.item() for batch in batches)


def search(base, batches):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "a", adapter_name="a")
    model.load_adapter("b", adapter_name="b")
    found = {}
    for weight in (0.2, 0.4, 0.6, 0.8):
        model.add_weighted_adapter(["a", "b"], [weight, 1 - weight], "mix", combination_type="linear")  # expect: PEFT107
        model.set_adapter("mix")
        found[weight] = loss(model, batches)
    return min(found, key=found.get)
