from contextlib import contextmanager

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


@contextmanager
def using(model, name):
    before = model.active_adapter
    model.set_adapter(name)
    try:
        yield model
    finally:
        model.set_adapter(before)


def main():
    base = AutoModelForCausalLM.from_pretrained("base")
    model = PeftModel.from_pretrained(base, "adapters/en", adapter_name="en")
    model.load_adapter("adapters/de", adapter_name="de")
    ids = torch.ones(1, 8, dtype=torch.long)
    with using(model, "de"):
        out = model(ids, use_cache=True)
        nxt = model(ids[:, -1:], past_key_values=out.past_key_values)
    again = model(ids)
    return nxt, again
