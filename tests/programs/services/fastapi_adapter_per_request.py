"""HTTP service with an adapter per request; a lock keeps the requests apart."""
import asyncio
from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI, HTTPException
from peft import PeftModel
from pydantic import BaseModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
ADAPTERS = {"support": "adapters/support", "sales": "adapters/sales"}
state = {}


@asynccontextmanager
async def lifespan(app: FastAPI):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    names = iter(ADAPTERS)
    first = next(names)
    model = PeftModel.from_pretrained(base, ADAPTERS[first], adapter_name=first)
    for name in names:
        model.load_adapter(ADAPTERS[name], adapter_name=name)
    state["model"] = model.eval()
    state["tokenizer"] = AutoTokenizer.from_pretrained(BASE)
    state["lock"] = asyncio.Lock()
    yield
    state.clear()


app = FastAPI(lifespan=lifespan)


class Query(BaseModel):
    adapter: str
    prompt: str


@app.post("/generate")
async def generate(query: Query):
    if query.adapter not in ADAPTERS:
        raise HTTPException(404, "no such adapter")
    model, tokenizer = state["model"], state["tokenizer"]
    batch = tokenizer(query.prompt, return_tensors="pt")
    async with state["lock"]:
        model.set_adapter(query.adapter)
        with torch.no_grad():
            ids = await asyncio.to_thread(model.generate, **batch, max_new_tokens=64)
    return {"text": tokenizer.decode(ids[0], skip_special_tokens=True)}
