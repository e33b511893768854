"""The adapter that is loaded anew is the active one; another service loads whatever is asked for under one name."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Replica:
    def __init__(self, base, folders):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folders["default"])
        self.folders = folders

    def generate(self, text, name):
        if name not in self.model.peft_config:
            self.model.load_adapter(self.folders[name], adapter_name=name)
        self.model.set_adapter(name)
        with torch.no_grad():
            output = self.model.generate(**self.tokenizer(text, return_tensors="pt"), max_new_tokens=32)
        return self.tokenizer.decode(output[0])


class Reloading:
    def __init__(self, base, folder, name):
        self.name = name
        base = AutoModelForCausalLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(base, folder, adapter_name=name)

    def reload(self, folder, ids):
        if self.name in self.model.peft_config:
            self.model.load_adapter(folder, adapter_name=self.name)
        return self.model.generate(input_ids=ids)
