"""The tenant is part of the key, and the cache is emptied with the weights."""

from functools import lru_cache

import torch
from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = FastAPI()
tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "tenants/a", adapter_name="a")
model.load_adapter("tenants/b", adapter_name="b")
current = "a"


@lru_cache(maxsize=2048)
def complete(prompt, tenant):
    with torch.inference_mode():
        out = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=50)
    return tenant, tokenizer.decode(out[0])


@app.put("/tenant/{name}")
def choose(name: str):
    global current
    model.set_adapter(name)
    current = name
    return {"active": name}


@app.get("/complete")
def answer(prompt: str):
    return {"text": complete(prompt, current)[1]}
