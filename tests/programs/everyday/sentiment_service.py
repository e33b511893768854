# FastAPI service for a LoRA sentiment classifier.
from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from peft import PeftConfig, PeftModelForSequenceClassification
from pydantic import BaseModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

ADAPTER = "models/sentiment-roberta-lora"
LABELS = ["negative", "neutral", "positive"]
state = {}


class Item(BaseModel):
    text: str


@asynccontextmanager
async def lifespan(app: FastAPI):
    conf = PeftConfig.from_pretrained(ADAPTER)
    base = AutoModelForSequenceClassification.from_pretrained(conf.base_model_name_or_path, num_labels=len(LABELS))
    model = PeftModelForSequenceClassification(base, conf)  # expect: PEFT102
    model.eval()
    state["model"] = model
    state["tok"] = AutoTokenizer.from_pretrained(conf.base_model_name_or_path)
    yield
    state.clear()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health():
    return {"ok": "model" in state}


@app.post("/predict")
def predict(item: Item):
    enc = state["tok"](item.text, truncation=True, max_length=256, return_tensors="pt")
    with torch.inference_mode():
        probs = state["model"](**enc).logits.softmax(-1)[0]
    best = int(probs.argmax())
    return {"label": LABELS[best], "score": float(probs[best])}
