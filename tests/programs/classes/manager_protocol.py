from typing import Protocol

from peft import PeftModel
from transformers import AutoModelForCausalLM


class Backend(Protocol):
    def load(self, path: str) -> None: ...

    def generate(self, **inputs): ...


class LoraBackend:
    def __init__(self, base: str):
        self.model = AutoModelForCausalLM.from_pretrained(base)

    def load(self, path: str) -> None:
        self.model = PeftModel.from_pretrained(self.model, path)

    def generate(self, **inputs):
        return self.model.generate(**inputs)


class Unloader(LoraBackend):
    def unload(self):
        self.model.unload()

    def export(self, out):
        self.model.merge_and_unload()  # expect: PEFT501
        self.model.save_pretrained(out)
