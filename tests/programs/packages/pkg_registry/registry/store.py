from peft import PeftModel

from .base import load_base


class AdapterStore:
    def __init__(self, base_name):
        self.base = load_base(base_name)
        self.models = {}

    def get(self, name):
        if name not in self.models:
            self.models[name] = PeftModel.from_pretrained(self.base, f"adapters/{name}")
        return self.models[name]
