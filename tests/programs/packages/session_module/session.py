"""One session for the program; who imports it chooses the adapter."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Session:
    def __init__(self, base):
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "adapters/math", "math")
        self.model.load_adapter("adapters/code", "code")

    def switch(self, name):
        if name not in self.model.active_adapters:
            self.model.set_adapter(name)

    def ask(self, ids):
        with torch.no_grad():
            return self.model(ids).logits[:, -1]


session = Session("tiny-llama")
session.ask(torch.tensor([[20, 21, 22]]))
