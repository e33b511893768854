import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Backend:
    """initialize()/execute() of the triton python backend, compile moved after the adapters"""

    def initialize(self, optional_config):
        self.tokenizer = AutoTokenizer.from_pretrained(optional_config["model_path"])
        model = AutoModelForCausalLM.from_pretrained(
            optional_config["model_path"],
            torch_dtype=getattr(torch, optional_config["torch_dtype"], None),
            device_map={"": 0},
        )
        self.model = PeftModel.from_pretrained(model, optional_config["aa_lora_weights"], adapter_name="aa", device_map={"": 0}, torch_dtype=torch.float16)
        self.model.load_adapter(optional_config["bb_lora_weights"], adapter_name="bb")
        self.model.eval()
        self.compiled = torch.compile(self.model)

    def execute(self, prompts, lora):
        self.model.set_adapter(lora)
        enc = self.tokenizer(prompts, return_tensors="pt", padding=True).to("cuda:0")
        with torch.no_grad():
            return self.compiled(**enc).logits[:, -1].argmax(-1)


if __name__ == "__main__":
    b = Backend()
    b.initialize({k: os.environ[k.upper()] for k in ("model_path", "torch_dtype", "aa_lora_weights", "bb_lora_weights")})
    for lora in ("aa", "bb"):
        print(lora, b.execute(["Hello my name is"], lora))
