"""The cache is emptied in between: the second model gets a base of its own."""

from functools import cached_property, lru_cache

import streamlit as st
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


@lru_cache(maxsize=1)
def base():
    return AutoModelForCausalLM.from_pretrained("gpt2")


@st.cache_resource
def shown():
    return AutoModelForCausalLM.from_pretrained("gpt2")


class Pair:
    def __init__(self, folder):
        self.folder = folder

    @cached_property
    def model(self):
        model = PeftModel.from_pretrained(base(), self.folder, adapter_name="one")
        model.load_adapter(f"{self.folder}/two", adapter_name="two")
        return model

    @torch.no_grad()
    def logits(self, ids):
        self.model.set_adapter("two")
        return self.model(input_ids=ids).logits


@torch.no_grad()
def compare(ids):
    first = PeftModel.from_pretrained(base(), "a")
    base.cache_clear()
    second = PeftModel.from_pretrained(base(), "b")
    left = PeftModel.from_pretrained(shown(), "a")
    st.cache_resource.clear()
    right = PeftModel.from_pretrained(shown(), "b")
    return [model(input_ids=ids).logits for model in (first, second, left, right)]


ids = torch.tensor([[1, 2, 3]])
print(compare(ids))
base.cache_clear()
print(Pair("a").logits(ids))
