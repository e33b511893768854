# Small inference layer with a response cache for a multi-tenant LoRA deployment.
import hashlib
import logging

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

logger = logging.getLogger(__name__)


class TenantLM:
    def __init__(self, base, tenants):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float16).cuda()
        items = list(tenants.items())
        self.model = PeftModel.from_pretrained(net, items[0][1], adapter_name=items[0][0])
        for name, path in items[1:]:
            self.model.load_adapter(path, adapter_name=name)
        self.model.eval()
        self._cache = {}
        self.hits = 0

    def switch(self, tenant):
        logger.info("tenant -> %s", tenant)
        self.model.set_adapter(tenant)

    @torch.inference_mode()
    def complete(self, prompt, max_new_tokens=64):
        key = hashlib.sha256(f"{prompt}|{max_new_tokens}".encode()).hexdigest()
        if key in self._cache:
            self.hits += 1
            return self._cache[key]
        enc = self.tok(prompt, return_tensors="pt").to("cuda")
        ids = self.model.generate(**enc, max_new_tokens=max_new_tokens, do_sample=False)
        text = self.tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)
        self._cache[key] = text  # expect: PEFT303
        return text


if __name__ == "__main__":
    lm = TenantLM("mistralai/Mistral-7B-v0.1", {"acme": "tenants/acme", "globex": "tenants/globex"})
    for tenant in ("acme", "globex"):
        lm.switch(tenant)
        print(tenant, lm.complete("Our refund policy is"))
    print("cache hits:", lm.hits)
