import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class MultiLoraModel:
    """One base model, several LoRA adapters (through transformers' own integration)."""

    def __init__(self, base, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base, device_map="auto")
        self.names = []
        for name, path in adapters.items():
            self.register(name, path)
        self.model.eval()

    def register(self, name, path):
        self.model.load_adapter(path, adapter_name=name)
        self.names.append(name)

    def switch(self, name):
        if name is None:
            self.model.disable_adapters()
            return
        self.model.enable_adapters()
        self.model.set_adapter(name)

    @torch.no_grad()
    def ask(self, prompt):
        batch = self.tokenizer(prompt, return_tensors="pt").to(self.model.device)
        ids = self.model.generate(**batch, max_new_tokens=64)
        return self.tokenizer.decode(ids[0], skip_special_tokens=True)


lm = MultiLoraModel("google/gemma-2b", {"cook": "adapters/cook", "garden": "adapters/garden"})
for topic in [*lm.names, None]:
    lm.switch(topic)
    print(topic, lm.ask("What shall I do with basil?"))
