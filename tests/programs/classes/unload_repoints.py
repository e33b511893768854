import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class AdapterManager:
    def __init__(self, base_name):
        self.base_model = AutoModelForCausalLM.from_pretrained(base_name, dtype=torch.float16)
        self.tokenizer = AutoTokenizer.from_pretrained(base_name)
        self.model = self.base_model
        self.current = None

    def load(self, name, root="adapters"):
        path = os.path.join(root, name)
        self.model = PeftModel.from_pretrained(self.base_model, path)
        self.model.eval()
        self.current = name

    def unload(self):
        """Back to the plain base model."""
        self.model = self.base_model  # expect: PEFT112
        self.current = None

    @torch.no_grad()
    def generate(self, prompt):
        batch = self.tokenizer(prompt, return_tensors="pt")
        ids = self.model.generate(**batch, max_new_tokens=50)
        return self.tokenizer.decode(ids[0], skip_special_tokens=True)


manager = AdapterManager("facebook/opt-350m")
manager.load("recipes")
print("with adapter:", manager.generate("Take two eggs"))
manager.unload()
print("base model:", manager.generate("Take two eggs"))
