from functools import lru_cache

from flask import Flask, jsonify, request
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = Flask(__name__)


@lru_cache(maxsize=None)
def get_model():
    base = AutoModelForCausalLM.from_pretrained("base")
    model = PeftModel.from_pretrained(base, "adapters/a", adapter_name="a")
    model.load_adapter("adapters/b", adapter_name="b")
    return model


@lru_cache(maxsize=None)
def get_tokenizer():
    return AutoTokenizer.from_pretrained("base")


@app.route("/generate", methods=["POST"])
def generate():
    body = request.get_json()
    model, tok = get_model(), get_tokenizer()
    model.set_adapter(body.get("adapter", "a"))
    ids = model.generate(**tok(body["prompt"], return_tensors="pt"))
    return jsonify(text=tok.decode(ids[0]))
