"""Route each prompt to the adapter of its subject (neurips efficiency challenge style)."""
import re

import torch
from fastapi import FastAPI
from peft import PeftModel
from pydantic import BaseModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = FastAPI()
tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
base_model = AutoModelForCausalLM.from_pretrained(
    "mistralai/Mistral-7B-v0.1",
    torch_dtype=torch.bfloat16,
    device_map={"": 0},
)

ADAPTERS = {
    "history": PeftModel.from_pretrained(base_model, "adapters/history").eval(),
    "science": PeftModel.from_pretrained(base_model, "adapters/science").eval(),  # expect: PEFT104
    "math": PeftModel.from_pretrained(base_model, "adapters/math").eval(),  # expect: PEFT104
}


class ProcessRequest(BaseModel):
    prompt: str
    max_new_tokens: int = 50
    temperature: float = 0.8


def detect_subject(text):
    if re.search(r"\d+\s*[-+*/=]\s*\d+|solve|equation", text):
        return "math"
    if any(w in text.lower() for w in ("cell", "planet", "energy", "atom")):
        return "science"
    return "history"


@app.post("/process")
def process(req: ProcessRequest):
    subject = detect_subject(req.prompt)
    mdl = ADAPTERS[subject]
    enc = tokenizer(req.prompt, return_tensors="pt").to("cuda:0")
    with torch.no_grad():
        out = mdl.generate(**enc, max_new_tokens=req.max_new_tokens, do_sample=True, temperature=req.temperature)
    text = tokenizer.decode(out[0], skip_special_tokens=True)
    return {"text": text, "subject": subject}
