"""Temporarily use another adapter."""
from contextlib import contextmanager

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@contextmanager
def using(model, name):
    before = model.active_adapter
    model.set_adapter(name)
    try:
        yield model
    finally:
        model.set_adapter(before)


@contextmanager
def base_only(model):
    with torch.no_grad(), model.disable_adapter():
        yield model


tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/news", adapter_name="news")
model.load_adapter("out/blog", adapter_name="blog")
model.eval()

ids = tokenizer("Yesterday,", return_tensors="pt").input_ids
with torch.no_grad():
    print(model(ids).logits.mean())
    with using(model, "blog") as blog:
        print(blog(ids).logits.mean())
with base_only(model):
    print(model(ids).logits.mean())
