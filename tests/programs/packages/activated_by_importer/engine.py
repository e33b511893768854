from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer


class Engine:
    def __init__(self, name, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        base = AutoModelForCausalLM.from_pretrained(name)
        self.model = PeftModel.from_pretrained(base, folder, adapter_name="en")
        self.model.load_adapter(f"{folder}-de", adapter_name="de")

    def reply(self, text):
        return self.model.generate(**self.tokenizer(text, return_tensors="pt"))
