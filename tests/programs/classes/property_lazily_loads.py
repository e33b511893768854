from functools import cached_property

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


class Summarizer:
    BASE = "google/flan-t5-large"

    def __init__(self, adapter, device="cpu"):
        self.adapter = adapter
        self.device = device
        self._model = None

    @property
    def model(self):
        if self._model is None:
            base = AutoModelForSeq2SeqLM.from_pretrained(self.BASE)
            self._model = PeftModel.from_pretrained(base, self.adapter).to(self.device).eval()
        return self._model

    @cached_property
    def tokenizer(self):
        return AutoTokenizer.from_pretrained(self.BASE)

    @torch.no_grad()
    def __call__(self, text):
        ids = self.tokenizer(text, return_tensors="pt").input_ids.to(self.device)
        return self.tokenizer.decode(self.model.generate(input_ids=ids, max_new_tokens=80)[0])

    @torch.no_grad()
    def without_adapter(self, text):
        ids = self.tokenizer(text, return_tensors="pt").input_ids.to(self.device)
        base = self.model.get_base_model()
        return self.tokenizer.decode(base.generate(input_ids=ids, max_new_tokens=80)[0])  # expect: PEFT112


summarize = Summarizer("out/flan-news")
article = open("article.txt").read()
print(summarize(article))
print("base:", summarize.without_adapter(article))
