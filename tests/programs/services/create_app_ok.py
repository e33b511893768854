from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def create_app(base_name: str = "base") -> FastAPI:
    app = FastAPI()
    tok = AutoTokenizer.from_pretrained(base_name)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_name), "adapters/a", adapter_name="a")

    @app.post("/load")
    def load(path: str, name: str):
        model.load_adapter(path, adapter_name=name)
        return {"ok": True}

    @app.post("/use")
    def use(name: str, text: str):
        model.set_adapter(name)
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    @app.post("/b")
    def b(text: str):
        model.set_adapter("b")
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    return app
