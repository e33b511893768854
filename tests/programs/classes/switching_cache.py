import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache


class Session:
    def __init__(self, model, tokenizer):
        self.model = model
        self.tokenizer = tokenizer
        self.cache = DynamicCache()

    def switch(self, name):
        self.model.set_adapter(name)

    @torch.no_grad()
    def say(self, text):
        ids = self.tokenizer(text, return_tensors="pt").input_ids
        out = self.model(ids, past_key_values=self.cache, use_cache=True)  # expect: PEFT301
        return out.logits


model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/formal", adapter_name="formal")
model.load_adapter("adapters/casual", adapter_name="casual")
session = Session(model, AutoTokenizer.from_pretrained("base"))
session.say("Dear Sir,")
session.switch("casual")
session.say("hey")
