# Cached completion service; answers are remembered per adapter.
from functools import lru_cache

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class CachedLM:
    def __init__(self, base, adapters):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForCausalLM.from_pretrained(base)
        names = sorted(adapters)
        self.model = PeftModel.from_pretrained(net, adapters[names[0]], adapter_name=names[0])
        for n in names[1:]:
            self.model.load_adapter(adapters[n], adapter_name=n)
        self.model.eval()
        self.memo = {}

    def __call__(self, adapter, prompt):
        key = (adapter, prompt)
        if key not in self.memo:
            self.model.set_adapter(adapter)
            enc = self.tok(prompt, return_tensors="pt")
            with torch.no_grad():
                ids = self.model.generate(**enc, max_new_tokens=50, do_sample=False)
            self.memo[key] = self.tok.decode(ids[0], skip_special_tokens=True)
        return self.memo[key]

    @lru_cache(maxsize=4096)
    def n_tokens(self, text):
        return len(self.tok(text).input_ids)


if __name__ == "__main__":
    lm = CachedLM("gpt2", {"news": "a/news", "poems": "a/poems"})
    for a in ("news", "poems", "news"):
        out = lm(a, "The river")
        print(a, lm.n_tokens(out), out)
