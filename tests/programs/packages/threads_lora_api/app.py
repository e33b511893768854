import os
from typing import Optional

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from registry import Registry

LORAS = {d: os.path.join("loras", d) for d in sorted(os.listdir("loras"))} if os.path.isdir("loras") else {"a": "loras/a"}
app = FastAPI()
reg = Registry(os.environ.get("BASE", "mistralai/Mistral-7B-v0.1"), LORAS)


class Req(BaseModel):
    prompt: str
    lora: Optional[str] = None
    max_new_tokens: int = 64


@app.post("/generate")
def generate(r: Req):
    if r.lora is not None and r.lora not in LORAS:
        raise HTTPException(404, f"unknown lora {r.lora}")
    return {"text": reg.generate(r.lora, r.prompt, r.max_new_tokens)}
