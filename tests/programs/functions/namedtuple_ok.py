from typing import NamedTuple

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Loaded(NamedTuple):
    model: PeftModel
    tokenizer: object


def load(path):
    return Loaded(PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), path), AutoTokenizer.from_pretrained("base"))


def main():
    model, tok = load("adapters/x")
    model = model.merge_and_unload()
    model.save_pretrained("merged")
    tok.save_pretrained("merged")
