"""AutoModel reads the adapter of the folder by itself."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Pipeline:
    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, device_map="auto")
        self.model = PeftModel.from_pretrained(model, folder)
        self.model.eval()

    @torch.no_grad()
    def __call__(self, text):
        batch = self.tokenizer(text, return_tensors="pt").to(self.model.device)
        return self.tokenizer.decode(self.model.generate(**batch, max_new_tokens=30)[0])


run = Pipeline("me/mistral-lora")
for line in open("prompts.txt"):
    print(run(line))
