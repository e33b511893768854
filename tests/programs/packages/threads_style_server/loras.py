"""Keeps at most N style LoRAs in GPU memory."""
from collections import OrderedDict

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def build(base_id, default_dir):
    base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.float16, device_map="auto")
    return PeftModel.from_pretrained(base, default_dir, adapter_name="neutral")


class LRU:
    def __init__(self, model, n=4):
        self.model, self.n, self.used = model, n, OrderedDict()

    def use(self, name, path):
        if name not in self.used:
            self.model.load_adapter(path, adapter_name=name)
            if len(self.used) >= self.n:
                old, _ = self.used.popitem(last=False)
                self.model.delete_adapter(old)
        self.used[name] = path
        self.used.move_to_end(name)
        self.model.set_adapter(name)
        return self.model
