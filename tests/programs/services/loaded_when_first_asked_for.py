"""An adapter that is not there yet is loaded, and then the one that was active before answers."""
import ray
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@ray.remote(num_gpus=1)
class Replica:
    def __init__(self, base, folders):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folders["default"])
        self.folders = folders

    def generate(self, text, name):
        if name not in self.model.peft_config.keys():
            self.model.load_adapter(self.folders[name], adapter_name=name)  # expect: PEFT105
        with torch.no_grad():
            output = self.model.generate(**self.tokenizer(text, return_tensors="pt"), max_new_tokens=32)
        return self.tokenizer.decode(output[0])
