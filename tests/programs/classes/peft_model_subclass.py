"""A PeftModel of our own that remembers what it was asked."""
import torch
from peft import PeftModelForCausalLM
from transformers import AutoModelForCausalLM, AutoTokenizer


class Recorder(PeftModelForCausalLM):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.calls = 0

    def generate(self, *args, **kwargs):
        self.calls += 1
        return super().generate(*args, **kwargs)

    def use(self, name):
        self.set_adapter(name)
        return self


tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = Recorder.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/a", adapter_name="a")
model.load_adapter("out/b", adapter_name="b")
model.eval()
batch = tokenizer("Hello", return_tensors="pt")
with torch.no_grad():
    for name in ("a", "b"):
        print(tokenizer.decode(model.use(name).generate(**batch, max_new_tokens=10)[0]))
print(model.calls)
