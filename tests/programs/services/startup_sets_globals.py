"""A start-up hook sets the models; the handlers use them."""

from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = FastAPI()
tokenizer = None
plain = None
tuned = None


@app.on_event("startup")
def startup():
    global tokenizer, plain, tuned
    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    plain = AutoModelForCausalLM.from_pretrained("gpt2")
    tuned = PeftModel.from_pretrained(plain, "adapters/news")
    tuned.eval()


@app.post("/both")
def both(text: str):
    batch = tokenizer(text, return_tensors="pt")
    return {"tuned": tuned.generate(**batch).tolist(), "plain": plain.generate(**batch).tolist()}  # expect: PEFT112


@app.post("/without")
def without(text: str):
    batch = tokenizer(text, return_tensors="pt")
    with tuned.disable_adapter():
        return tuned.generate(**batch).tolist()
