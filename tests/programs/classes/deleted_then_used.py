import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Pool:
    """At most two adapters in memory."""

    def __init__(self, base_id):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        self.model = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base_id), "adapters/first", adapter_name="first"
        )
        self.model.eval()

    def swap(self):
        self.model.load_adapter("adapters/second", adapter_name="second")
        self.model.set_adapter("second")
        self.model.delete_adapter("first")

    @torch.no_grad()
    def run(self, name, text):
        self.model.set_adapter(name)
        return self.model(**self.tokenizer(text, return_tensors="pt")).logits


pool = Pool("gpt2")
pool.run("first", "Hello")
pool.swap()
pool.run("second", "Hello")
pool.model.set_adapter("first")  # expect: PEFT309
pool.run("second", "Hello")
