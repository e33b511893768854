import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class LanguageModel:
    def __init__(self, name):
        self.name = name
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = AutoModelForCausalLM.from_pretrained(name)
        self.after_load()
        self.model.eval()

    def after_load(self):
        """For subclasses."""

    @torch.no_grad()
    def next_token(self, text):
        return self.model(**self.tokenizer(text, return_tensors="pt")).logits[0, -1].argmax().item()
