# LoRA manager for a small text-generation web app.
import gc
import logging
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

log = logging.getLogger(__name__)


class LoraManager:
    def __init__(self, base_id):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        self.base_model = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.float16, device_map="auto")
        self.model = self.base_model
        self.active = None

    def load(self, path):
        if self.active is not None:
            raise RuntimeError("a LoRA is already loaded")
        if not os.path.isdir(path):
            raise FileNotFoundError(path)
        self.model = PeftModel.from_pretrained(self.base_model, path)
        self.model.eval()
        self.active = path
        log.info("loaded %s", path)

    def unload(self):
        self.model = self.base_model  # expect: PEFT112
        self.active = None
        gc.collect()
        torch.cuda.empty_cache()
        log.info("back to the base model")

    @torch.no_grad()
    def generate(self, prompt, n=128):
        enc = self.tokenizer(prompt, return_tensors="pt").to(self.model.device)
        ids = self.model.generate(**enc, max_new_tokens=n)
        return self.tokenizer.decode(ids[0], skip_special_tokens=True)


if __name__ == "__main__":
    m = LoraManager("EleutherAI/gpt-j-6b")
    m.load("loras/recipes")
    print(m.generate("How to bake bread:"))
    m.unload()
    print(m.generate("How to bake bread:"))
