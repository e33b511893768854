# Engine of a text UI: holds the model and attaches or detaches a LoRA.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Engine:
    def __init__(self, name, dtype=torch.float16):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype).to("cuda")
        self.lora = None

    def attach(self, path):
        if self.lora:
            self.detach()
        self.model = PeftModel.from_pretrained(self.model, path)
        self.lora = path

    def detach(self):
        if self.lora is None:
            return
        self.model = self.model.base_model.model  # expect: PEFT112
        self.lora = None

    @torch.inference_mode()
    def complete(self, text, **kw):
        enc = self.tokenizer(text, return_tensors="pt").to("cuda")
        out = self.model.generate(**enc, **kw)
        return self.tokenizer.decode(out[0], skip_special_tokens=True)
