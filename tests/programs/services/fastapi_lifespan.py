from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from peft import PeftModel
from pydantic import BaseModel
from transformers import AutoModelForCausalLM, AutoTokenizer

state = {}


class Ask(BaseModel):
    text: str
    adapter: str = "general"


@asynccontextmanager
async def lifespan(app: FastAPI):
    tok = AutoTokenizer.from_pretrained("base")
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/general", adapter_name="general")
    model.load_adapter("adapters/legal", adapter_name="legal")
    state["tok"], state["model"] = tok, model
    yield
    state.clear()


app = FastAPI(lifespan=lifespan)


@app.post("/ask")
def ask(req: Ask):
    model, tok = state["model"], state["tok"]
    model.set_adapter(req.adapter)
    out = model.generate(**tok(req.text, return_tensors="pt"))
    return {"text": tok.decode(out[0])}


@app.post("/legal")
def legal(req: Ask):
    model, tok = state["model"], state["tok"]
    model.set_adapter("leagl")  # expect: PEFT106
    out = model.generate(**tok(req.text, return_tensors="pt"))
    return {"text": tok.decode(out[0])}
