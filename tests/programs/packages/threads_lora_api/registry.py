import threading

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Registry:
    def __init__(self, base_id, dirs):
        self.tok = AutoTokenizer.from_pretrained(base_id)
        base = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.bfloat16, device_map="auto")
        names = list(dirs)
        self.model = PeftModel.from_pretrained(base, dirs[names[0]], adapter_name=names[0])
        for n in names[1:]:
            self.model.load_adapter(dirs[n], adapter_name=n)
        self.model.eval()
        self.lock = threading.Lock()

    def generate(self, adapter, prompt, n):
        enc = self.tok(prompt, return_tensors="pt").to(self.model.device)
        with self.lock, torch.inference_mode():
            if adapter is None:
                with self.model.disable_adapter():
                    out = self.model.generate(**enc, max_new_tokens=n)
            else:
                self.model.set_adapter(adapter)
                out = self.model.generate(**enc, max_new_tokens=n)
        return self.tok.decode(out[0], skip_special_tokens=True)
