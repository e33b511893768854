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
        self.merged = False

    def merge(self):
        if not self.merged:
            self.model.merge_and_unload()  # expect: PEFT501
            self.merged = True

    def save(self, folder: str):
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


exporter = Exporter("mistralai/Mistral-7B-v0.3", "out/mistral-law")
exporter.merge()
exporter.save("out/mistral-law-merged")
