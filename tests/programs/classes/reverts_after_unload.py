"""Detaching takes the adapter out before the base is put back; another engine reads the base anew."""
import copy

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Engine:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.base = AutoModelForCausalLM.from_pretrained(name)
        self.model = self.base

    def attach(self, path):
        if self.model is not self.base:
            self.detach()
        self.model = PeftModel.from_pretrained(self.base, path)

    def detach(self):
        if self.model is not self.base:
            self.base = self.model.unload()
        self.model = self.base

    def run(self, text):
        return self.model.generate(**self.tokenizer(text, return_tensors="pt"))


class Copying:
    """Each adapter gets a copy of the base, which therefore stays plain."""

    def __init__(self, name):
        self.base = AutoModelForCausalLM.from_pretrained(name)
        self.model = self.base

    def attach(self, path):
        self.model = PeftModel.from_pretrained(copy.deepcopy(self.base), path)

    def detach(self):
        self.model = self.base


class Reading:
    def __init__(self, name):
        self.name = name
        self.model = AutoModelForCausalLM.from_pretrained(name)

    def attach(self, path):
        self.model = PeftModel.from_pretrained(self.model, path)

    def detach(self):
        self.model = AutoModelForCausalLM.from_pretrained(self.name)

    def finish(self):
        self.model = self.model.merge_and_unload()
