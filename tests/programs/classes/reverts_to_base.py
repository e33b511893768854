"""An engine whose methods attach and detach adapters; detaching only puts the base back."""
import os

import yaml
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

CONFIG = os.path.join(os.path.dirname(__file__), "configs", "base.yaml")


class MultiAdapterEngine:
    def __init__(self):
        with open(CONFIG) as f:
            cfg = yaml.safe_load(f)
        self.tokenizer = AutoTokenizer.from_pretrained(cfg["base_model"])
        self.base = AutoModelForSeq2SeqLM.from_pretrained(cfg["base_model"])
        self.model = self.base
        self.current = None

    def attach(self, name: str):
        path = os.path.join("adapters", name)
        self.model = PeftModel.from_pretrained(self.base, path)
        self.current = name
        return self.model

    def detach(self):
        if self.model is not self.base:
            self.model = self.base  # expect: PEFT112
            self.current = None
        return self.model

    def answer(self, question: str) -> str:
        batch = self.tokenizer(question, return_tensors="pt")
        out = self.model.generate(**batch, max_new_tokens=32)
        return self.tokenizer.decode(out[0], skip_special_tokens=True)
