import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class LogprobCache:
    def __init__(self, maxsize=4096):
        self.d, self.maxsize = {}, maxsize

    def get(self, k):
        return self.d.get(k)

    def put(self, k, v):
        if len(self.d) >= self.maxsize:
            self.d.pop(next(iter(self.d)))
        self.d[k] = v


class LM:
    def __init__(self, base, loras):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForCausalLM.from_pretrained(base)
        (n0, d0), *more = loras
        self.net = PeftModel.from_pretrained(net, d0, adapter_name=n0)
        for n, d in more:
            self.net.load_adapter(d, adapter_name=n)
        self.current = n0
        self.cache = LogprobCache()

    def set_lora(self, name):
        self.net.set_adapter(name)
        self.current = name

    @torch.no_grad()
    def logprobs(self, ids):
        key = (self.current, tuple(ids))
        hit = self.cache.get(key)
        if hit is None:
            hit = self.net(input_ids=torch.tensor([ids])).logits[0, -1].log_softmax(-1)
            self.cache.put(key, hit)
        return hit
