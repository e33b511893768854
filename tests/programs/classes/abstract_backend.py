"""Several back ends behind one interface; only one of them is PEFT."""
from abc import ABC, abstractmethod

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Backend(ABC):
    @abstractmethod
    def load_adapter(self, path: str, name: str) -> None: ...

    @abstractmethod
    def generate(self, prompt: str, adapter: str | None = None) -> str: ...


class Remote(Backend):
    def __init__(self, client):
        self.client = client

    def load_adapter(self, path, name):
        self.client.post("/v1/load_lora_adapter", json={"lora_name": name, "lora_path": path})

    def generate(self, prompt, adapter=None):
        return self.client.post("/v1/completions", json={"model": adapter, "prompt": prompt}).json()


class Local(Backend):
    def __init__(self, base):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base)

    def load_adapter(self, path, name):
        if isinstance(self.model, PeftModel):
            self.model.load_adapter(path, adapter_name=name)
        else:
            self.model = PeftModel.from_pretrained(self.model, path, adapter_name=name)

    @torch.no_grad()
    def generate(self, prompt, adapter=None):
        if adapter is not None:
            self.model.set_adapter(adapter)
        ids = self.model.generate(**self.tokenizer(prompt, return_tensors="pt"), max_new_tokens=64)
        return self.tokenizer.decode(ids[0])


backend: Backend = Local("gpt2")
for name in ("one", "two"):
    backend.load_adapter(f"adapters/{name}", name)
print(backend.generate("Hello", "two"))
