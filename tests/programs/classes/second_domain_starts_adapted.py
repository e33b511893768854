"""Drift of several tuned models against the base: the base of the second round carries the adapter of the first."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class DriftReport:
    def __init__(self, base_name="base"):
        self.base_model = AutoModelForCausalLM.from_pretrained(base_name).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(base_name)

    @torch.no_grad()
    def embed(self, model, texts):
        batch = self.tokenizer(texts, return_tensors="pt", padding=True)
        return model(**batch, output_hidden_states=True).hidden_states[-1].mean(dim=1)

    def evaluate_domain(self, adapter_path, texts):
        base = self.embed(self.base_model, texts)  # expect: PEFT112
        tuned_model = PeftModel.from_pretrained(self.base_model, adapter_path)
        tuned = self.embed(tuned_model, texts)
        return torch.cosine_similarity(base, tuned).mean().item()

    def evaluate_all(self, adapters, texts_by_domain):
        scores = {}
        for domain, texts in texts_by_domain.items():
            path = adapters.get(domain)
            if not path:
                print("no adapter for", domain)
                continue
            scores[domain] = self.evaluate_domain(path, texts)
        return scores
