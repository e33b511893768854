from fastapi import FastAPI

from engine import Engine

app = FastAPI()
engine = Engine("base", "adapters/en")


@app.post("/chat")
def chat(text: str, lang: str = "en"):
    engine.model.set_adapter(lang)
    return engine.reply(text)
