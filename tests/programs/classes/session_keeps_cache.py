import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatSession:
    def __init__(self, base_id, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        base = AutoModelForCausalLM.from_pretrained(base_id)
        self.model = PeftModel.from_pretrained(base, adapters["helper"], adapter_name="helper")
        self.model.load_adapter(adapters["critic"], adapter_name="critic")
        self.model.eval()
        self.past_key_values = None

    def switch(self, name):
        self.model.set_adapter(name)

    @torch.no_grad()
    def feed(self, text):
        ids = self.tokenizer(text, return_tensors="pt").input_ids
        out = self.model(ids, past_key_values=self.past_key_values, use_cache=True)  # expect: PEFT301
        self.past_key_values = out.past_key_values
        return self.tokenizer.decode(out.logits[0, -1].argmax())


session = ChatSession("Qwen/Qwen2.5-0.5B", {"helper": "a/helper", "critic": "a/critic"})
print(session.feed("Here is my essay: ..."))
session.switch("critic")
print(session.feed("Please criticise it."))
