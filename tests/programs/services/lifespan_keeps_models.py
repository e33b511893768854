"""The lifespan keeps the model in a dictionary; handlers load, choose and use adapters."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM

MODELS = {}


@asynccontextmanager
async def lifespan(app: FastAPI):
    base = AutoModelForCausalLM.from_pretrained("gpt2")
    MODELS["chat"] = PeftModel.from_pretrained(base, "adapters/news", adapter_name="news")
    MODELS["chat"].load_adapter("adapters/sport", adapter_name="sport")
    yield
    MODELS.clear()


app = FastAPI(lifespan=lifespan)


@app.post("/load")
def load(folder: str, name: str):
    MODELS["chat"].load_adapter(folder, adapter_name=name)


@app.post("/choose")
def choose(name: str):
    MODELS["chat"].set_adapter(name)


@app.post("/answer")
def answer(ids: list[int]):
    return MODELS["chat"].generate(ids).tolist()


@app.post("/plain")
def plain(ids: list[int]):
    MODELS["chat"].disable_adapter()  # expect: PEFT305
    return MODELS["chat"].generate(ids).tolist()
