import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Learner:
    def __init__(self, model, tokenizer):
        self.model = model
        self.tokenizer = tokenizer
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)

    @classmethod
    def resume(cls, folder, base="Qwen/Qwen2.5-0.5B"):
        model = AutoModelForCausalLM.from_pretrained(base)
        model = PeftModel.from_pretrained(model, folder)  # expect: PEFT401
        return cls(model, AutoTokenizer.from_pretrained(base))

    def learn(self, text):
        self.model.train()
        ids = self.tokenizer(text, return_tensors="pt").input_ids
        loss = self.model(ids, labels=ids).loss
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()


learner = Learner.resume("out/diary")
for line in open("today.txt"):
    print(learner.learn(line))
learner.model.save_pretrained("out/diary")
