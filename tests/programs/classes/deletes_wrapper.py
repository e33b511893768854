"""The wrapper is deleted and the base put back in another method than the one that made it."""
import gc

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class ModelService:
    def __init__(self, name, device="cuda"):
        self.tok = AutoTokenizer.from_pretrained(name)
        self.plain = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.float16).to(device)
        self.model = None

    def use_adapter(self, folder):
        self.model = PeftModel.from_pretrained(self.plain, folder).eval()

    def use_plain(self):
        if self.model is not None:
            del self.model
            gc.collect()
            torch.cuda.empty_cache()
        self.model = self.plain  # expect: PEFT112

    @torch.inference_mode()
    def complete(self, prompt):
        ids = self.tok(prompt, return_tensors="pt").to(self.plain.device)
        return self.tok.decode(self.model.generate(**ids)[0])
