"""A protocol for whatever can be switched, and helpers that are handed one."""
from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@runtime_checkable
class Switchable(Protocol):
    def set_adapter(self, adapter_name: str) -> None: ...

    def generate(self, **kwargs) -> torch.Tensor: ...


class Tools:
    @staticmethod
    def load(base_id: str, adapters: dict[str, str]) -> PeftModel:
        (first, path), *others = adapters.items()
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), path, adapter_name=first)
        for name, path in others:
            model.load_adapter(path, adapter_name=name)
        return model.eval()

    @staticmethod
    def run(model: Switchable, name: str, **batch) -> torch.Tensor:
        model.set_adapter(name)
        with torch.no_grad():
            return model.generate(**batch, max_new_tokens=20)


tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = Tools.load("gpt2", {"a": "out/a", "b": "out/b"})
if (batch := tokenizer("Hello", return_tensors="pt")) and isinstance(model, Switchable):
    for name in "ab":
        print(tokenizer.decode(Tools.run(model, name, **batch)[0]))
