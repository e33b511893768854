"""`base` is used for its config and its embeddings only."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Adapted:
    def __init__(self, base_id, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        self._wrapped = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), adapter)
        self._wrapped.eval()

    @property
    def base(self):
        return self._wrapped.get_base_model()

    @property
    def hidden_size(self):
        return self.base.config.hidden_size

    def embed(self, word):
        ids = self.tokenizer(word, add_special_tokens=False, return_tensors="pt").input_ids
        return self.base.get_input_embeddings()(ids).mean(1)

    @torch.no_grad()
    def logits(self, text, adapter=True):
        batch = self.tokenizer(text, return_tensors="pt")
        if adapter:
            return self._wrapped(**batch).logits
        with self._wrapped.disable_adapter():
            return self._wrapped(**batch).logits


model = Adapted("gpt2", "out/gpt2-news")
print(model.hidden_size, model.embed("king").shape, next(model.base.parameters()).device)
print((model.logits("Hello") - model.logits("Hello", adapter=False)).abs().max())
