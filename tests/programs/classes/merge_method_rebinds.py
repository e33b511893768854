import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Exporter:
    def __init__(self, base_id: str, adapter: str):
        self.base_id = base_id
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        self.model = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16), adapter
        )

    @property
    def merged(self) -> bool:
        return not isinstance(self.model, PeftModel)

    def merge(self) -> "Exporter":
        if not self.merged:
            self.model = self.model.merge_and_unload()
        return self

    def save(self, folder: str) -> "Exporter":
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        return self


Exporter("mistralai/Mistral-7B-v0.3", "out/mistral-law").merge().save("out/mistral-law-merged")
Exporter("mistralai/Mistral-7B-v0.3", "out/mistral-law").save("out/mistral-law-adapter")
