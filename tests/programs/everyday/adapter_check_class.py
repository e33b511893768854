# Health check that is run when the service starts.
import logging

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

log = logging.getLogger("health")


class AdapterService:
    def __init__(self, base, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        names = list(adapters)
        net = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, device_map="auto")
        self.model = PeftModel.from_pretrained(net, adapters[names[0]], adapter_name=names[0])
        for n in names[1:]:
            self.model.load_adapter(adapters[n], adapter_name=n)
        self.model.eval()

    def complete(self, adapter, text):
        self.model.set_adapter(adapter)
        enc = self.tokenizer(text, return_tensors="pt").to(self.model.device)
        out = self.model.generate(**enc, max_new_tokens=24, do_sample=False)
        return self.tokenizer.decode(out[0], skip_special_tokens=True)

    def check(self, a, b, probe="The quick brown fox"):
        first = self.complete(a, probe)
        second = self.complete(b, probe)
        if first == second:  # expect: PEFT601
            log.error("adapters %s and %s are identical, switching is broken", a, b)
            return False
        return True


if __name__ == "__main__":
    svc = AdapterService("Qwen/Qwen2.5-0.5B", {"legal": "adapters/legal", "medical": "adapters/medical"})
    print(svc.check("legal", "medical"))
