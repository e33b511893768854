# HTTP front end (multi-LoRA server package).
import os
import threading
from pathlib import Path

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from .model import MultiLora

app = FastAPI()
lock = threading.Lock()
engine = MultiLora(os.environ["BASE_MODEL"], Path(os.environ.get("LORA_ROOT", "adapters")))


class Query(BaseModel):
    adapter: str
    prompt: str
    max_new_tokens: int = 128


@app.get("/adapters")
def adapters():
    return engine.names


@app.post("/complete")
def complete(q: Query):
    with lock:
        try:
            engine.activate(q.adapter)
        except KeyError:
            raise HTTPException(404, "unknown adapter")
        return {"text": engine.complete(q.prompt, q.max_new_tokens)}
