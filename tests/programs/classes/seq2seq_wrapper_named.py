"""A variable called peft_model that is a plain model."""
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


class Wrapper:
    def __init__(self, peft_model):
        self.peft_model = peft_model
        self.adapters = {}

    def load_adapter(self, path):
        self.adapters[path] = torch.load(path)

    def merge_and_unload(self):
        for state in self.adapters.values():
            self.peft_model.load_state_dict(state, strict=False)

    def save_pretrained(self, folder):
        self.peft_model.save_pretrained(folder)


peft_model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
tokenizer = AutoTokenizer.from_pretrained("t5-small")
wrapper = Wrapper(peft_model)
wrapper.load_adapter("deltas/one.pt")
wrapper.merge_and_unload()
wrapper.save_pretrained("out/t5")
print(peft_model.generate(**tokenizer("translate: Haus", return_tensors="pt")))
