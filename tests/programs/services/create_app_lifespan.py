"""The handlers, the start-up code and what they share stand inside `create_app`."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def create_app(base: str, folder: str) -> FastAPI:
    kept = {}
    plain = None

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        nonlocal plain
        plain = AutoModelForCausalLM.from_pretrained(base)
        kept["tok"] = AutoTokenizer.from_pretrained(base)
        kept["model"] = PeftModel.from_pretrained(plain, f"{folder}/general", adapter_name="general")
        kept["model"].load_adapter(f"{folder}/legal", adapter_name="legal")
        yield
        kept.clear()

    app = FastAPI(lifespan=lifespan)

    @app.post("/legal")
    def legal(text: str):
        model, tok = kept["model"], kept["tok"]
        model.set_adapter("leagl")  # expect: PEFT106
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    @app.post("/plain")
    def without(text: str):
        tok = kept["tok"]
        return tok.decode(plain.generate(**tok(text, return_tensors="pt"))[0])  # expect: PEFT112

    return app
