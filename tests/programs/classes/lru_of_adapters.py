"""Keeps the adapters that were used last; the others are deleted."""
from collections import OrderedDict

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Pool:
    def __init__(self, base_id, size=4):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        self.base = AutoModelForCausalLM.from_pretrained(base_id)
        self.model = None
        self.size = size
        self.used = OrderedDict()

    def activate(self, path):
        name = path.replace("/", "_").replace(".", "_")
        if self.model is None:
            self.model = PeftModel.from_pretrained(self.base, path, adapter_name=name)
            self.model.eval()
        elif name not in self.used:
            self.model.load_adapter(path, adapter_name=name)
        self.used[name] = path
        self.used.move_to_end(name)
        self.model.set_adapter(name)
        while len(self.used) > self.size:
            oldest, _ = self.used.popitem(last=False)
            self.model.delete_adapter(oldest)
        torch.cuda.empty_cache()

    @torch.no_grad()
    def run(self, path, text):
        self.activate(path)
        return self.model.generate(**self.tokenizer(text, return_tensors="pt"), max_new_tokens=20)


pool = Pool("gpt2", size=2)
for path in ("out/a", "out/b", "out/c", "out/a"):
    print(path, pool.run(path, "Hello"))
