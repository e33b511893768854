import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Reranker:
    def __init__(self, base, adapter):
        self.base_name, self.adapter = base, adapter
        self._base = self._model = None

    @property
    def base(self):
        if self._base is None:
            self._base = AutoModelForCausalLM.from_pretrained(self.base_name)
        return self._base

    @property
    def model(self):
        if self._model is None:
            self._model = PeftModel.from_pretrained(self.base, self.adapter)
        return self._model

    @torch.no_grad()
    def gain(self, batch):
        tuned = self.model(**batch).logits
        plain = self.base(**batch).logits  # expect: PEFT112
        return (tuned - plain).abs().mean()
