# FastAPI endpoint that picks the LoRA by the header of the request.
import asyncio

import torch
from fastapi import FastAPI, Header, HTTPException
from peft import PeftModel
from pydantic import BaseModel, Field
from transformers import AutoModelForCausalLM, AutoTokenizer

app = FastAPI(title="lora-server")
lock = asyncio.Lock()

BASE = "meta-llama/Llama-3.2-1B-Instruct"
tok = AutoTokenizer.from_pretrained(BASE)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE).to("cuda"), "loras/legal", adapter_name="legal")
model.load_adapter("loras/medical", adapter_name="medical")
model.eval()


class Req(BaseModel):
    prompt: str
    max_new_tokens: int = Field(64, le=512)


@app.post("/generate")
async def generate(req: Req, x_domain: str = Header("legal")):
    if x_domain not in model.peft_config:
        raise HTTPException(404, f"no adapter {x_domain}")
    async with lock:
        model.active_adapter = x_domain  # expect: PEFT310
        enc = tok(req.prompt, return_tensors="pt").to("cuda")
        with torch.inference_mode():
            ids = model.generate(**enc, max_new_tokens=req.max_new_tokens)
    return {"domain": x_domain, "text": tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)}
