from __future__ import annotations

from peft import PeftModel
from transformers import AutoModelForCausalLM


class Assistant:
    def __init__(self, model: PeftModel):
        self.model = model

    @classmethod
    def for_training(cls, base: str, adapter: str) -> Assistant:
        return cls(PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter, is_trainable=True))

    @classmethod
    def for_inference(cls, base: str, adapter: str) -> Assistant:
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
        return cls(model.merge_and_unload())

    @staticmethod
    def count(model) -> int:
        return sum(p.numel() for p in model.parameters() if p.requires_grad)

    def save(self, out: str) -> None:
        self.model.save_pretrained(out)


Assistant.for_inference("base", "adapters/a").save("merged")
