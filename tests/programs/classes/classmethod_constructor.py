import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class Assistant:
    def __init__(self, model, tokenizer):
        self.model = model
        self.tokenizer = tokenizer

    @classmethod
    def from_pretrained(cls, folder, base="Qwen/Qwen2.5-0.5B"):
        model = AutoModelForCausalLM.from_pretrained(base)
        return cls(PeftModel.from_pretrained(model, folder), AutoTokenizer.from_pretrained(base))

    @classmethod
    def new(cls, base="Qwen/Qwen2.5-0.5B", rank=8):
        model = AutoModelForCausalLM.from_pretrained(base)
        config = LoraConfig(r=rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        return cls(get_peft_model(model, config), AutoTokenizer.from_pretrained(base))

    @staticmethod
    def exists(folder):
        return os.path.exists(os.path.join(folder, "adapter_config.json"))

    def learn(self, texts, lr=1e-4):
        optimizer = torch.optim.SGD([p for p in self.model.parameters() if p.requires_grad], lr=lr)
        for text in texts:
            ids = self.tokenizer(text, return_tensors="pt").input_ids
            self.model(ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    def save(self, folder):
        self.model.save_pretrained(folder)


folder = "out/assistant"
if Assistant.exists(folder):
    print("there is one already")
else:
    assistant = Assistant.new()
    assistant.learn(open("notes.txt"))
    assistant.save(folder)
