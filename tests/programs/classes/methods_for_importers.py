"""The file uses one method itself; the other is for the files that import the object, after that."""

from peft import PeftModel
from transformers import AutoModelForCausalLM


class Host:
    def __init__(self, base):
        self.model = AutoModelForCausalLM.from_pretrained(base)

    def load(self, folder):
        self.model = PeftModel.from_pretrained(self.model, folder)

    def unload(self):
        self.model = self.model.unload()


host = Host("base")
host.load("adapters/poetry")
