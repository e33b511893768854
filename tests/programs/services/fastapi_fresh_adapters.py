import threading

import torch
from fastapi import FastAPI
from peft import LoraConfig, PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
app = FastAPI(title="multi-lora")
lock = threading.Lock()

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)


@app.on_event("startup")
def load_adapters():
    model.add_adapter(PeftConfig.from_pretrained("adapters/support"), adapter_name="support")  # expect: PEFT101
    model.add_adapter(LoraConfig.from_pretrained("adapters/sales"), adapter_name="sales")  # expect: PEFT101
    model.eval()


@app.get("/adapters")
def adapters():
    return {"active": model.active_adapters()}


@app.post("/generate")
def generate(adapter: str, prompt: str, max_new_tokens: int = 64):
    batch = tokenizer(prompt, return_tensors="pt")
    with lock, torch.no_grad():
        model.set_adapter(adapter)
        ids = model.generate(**batch, max_new_tokens=max_new_tokens)
    return {"adapter": adapter, "text": tokenizer.decode(ids[0], skip_special_tokens=True)}
