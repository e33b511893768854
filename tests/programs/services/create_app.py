from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def create_app(base_name: str = "base") -> FastAPI:
    app = FastAPI()
    tok = AutoTokenizer.from_pretrained(base_name)
    base = AutoModelForCausalLM.from_pretrained(base_name)
    model = PeftModel.from_pretrained(base, "adapters/a", adapter_name="a")
    model.load_adapter("adapters/b", adapter_name="b")

    @app.post("/switch/{name}")
    def switch(name: str):
        model.set_adapter(name)
        return {"active": name}

    @app.post("/plain")
    def plain(text: str):
        return tok.decode(base.generate(**tok(text, return_tensors="pt"))[0])  # expect: PEFT112

    @app.post("/tuned")
    def tuned(text: str):
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    return app


app = create_app()
