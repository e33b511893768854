import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer


class MultiLoraModel:
    """One base model, several LoRA adapters."""

    def __init__(self, base, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base, device_map="auto")
        self.names = []
        for name, path in adapters.items():
            self.register(name, path)
        self.model.eval()

    def register(self, name, path):
        config = PeftConfig.from_pretrained(path)
        self.model.add_adapter(config, adapter_name=name)  # expect: PEFT101
        self.names.append(name)

    def switch(self, name):
        if name not in self.names:
            raise KeyError(name)
        self.model.set_adapter(name)

    @torch.no_grad()
    def ask(self, prompt):
        batch = self.tokenizer(prompt, return_tensors="pt").to(self.model.device)
        ids = self.model.generate(**batch, max_new_tokens=64)
        return self.tokenizer.decode(ids[0], skip_special_tokens=True)


lm = MultiLoraModel("google/gemma-2b", {"cook": "adapters/cook", "garden": "adapters/garden"})
for topic in lm.names:
    lm.switch(topic)
    print(lm.ask("What shall I do with basil?"))
