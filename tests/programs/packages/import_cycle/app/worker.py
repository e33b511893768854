from __future__ import annotations

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from app import registry


class Worker:
    def __init__(self, name: str, base: str = "gpt2"):
        self.name = name
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), f"adapters/{name}")
        self.model.eval()
        registry.register(self)

    @torch.no_grad()
    def difference(self, text: str) -> float:
        batch = self.tokenizer(text, return_tensors="pt")
        mine = self.model(**batch).logits
        theirs = self.model.get_base_model()(**batch).logits  # expect: PEFT112
        return (mine - theirs).abs().max().item()

    def neighbour(self, name: str) -> Worker:
        return registry.get(name)

    def close(self) -> None:
        del self.model
