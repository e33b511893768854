import logging

import torch
from peft import PeftModel

logger = logging.getLogger("webui")


class LoraManager:
    def __init__(self, model):
        self.model = model
        self.loaded = False

    def load(self, path, dtype=torch.float16):
        logger.info("applying %s", path)
        self.model = PeftModel.from_pretrained(self.model, path)
        self.model.half()
        self.loaded = True

    def unload(self):
        if not self.loaded:
            return
        # strip the wrapper, gives the original LlamaForCausalLM back
        self.model = self.model.base_model.model  # expect: PEFT112
        self.loaded = False

    @torch.no_grad()
    def generate(self, ids, **kw):
        return self.model.generate(input_ids=ids, **kw)
