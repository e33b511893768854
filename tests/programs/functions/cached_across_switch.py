from functools import lru_cache

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/a", adapter_name="a")
model.load_adapter("out/b", adapter_name="b")
model.eval()


@lru_cache(maxsize=None)
def encode(text):
    return tokenizer(text, return_tensors="pt").input_ids


@lru_cache(maxsize=1024)  # expect: PEFT303
def next_token(text):
    with torch.no_grad():
        return model(encode(text)).logits[0, -1].argmax().item()


@lru_cache(maxsize=1024)
def next_token_of(adapter, text):
    model.set_adapter(adapter)
    with torch.no_grad():
        return model(encode(text)).logits[0, -1].argmax().item()


for adapter in ("a", "b"):
    model.set_adapter(adapter)
    for text in ("One", "Two", "Three"):
        print(adapter, text, next_token(text), next_token_of(adapter, text))
