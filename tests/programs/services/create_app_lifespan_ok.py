"""Which adapters there are when a handler is called is not known: another one loads them."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def create_app(base: str, folder: str) -> FastAPI:
    kept = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        plain = AutoModelForCausalLM.from_pretrained(base)
        kept["tok"] = AutoTokenizer.from_pretrained(base)
        kept["model"] = PeftModel.from_pretrained(plain, f"{folder}/general", adapter_name="general")
        yield
        kept.clear()

    app = FastAPI(lifespan=lifespan)

    @app.post("/load")
    def load(name: str):
        kept["model"].load_adapter(f"{folder}/{name}", adapter_name=name)

    @app.post("/legal")
    def legal(text: str):
        model, tok = kept["model"], kept["tok"]
        model.set_adapter("legal")
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    @app.post("/general")
    def general(text: str):
        model, tok = kept["model"], kept["tok"]
        with model.disable_adapter():
            return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    return app
