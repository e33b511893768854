import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Scorer:
    def __init__(self, base_id, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        names = list(adapters)
        self.model = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base_id), adapters[names[0]], adapter_name=names[0]
        )
        for name in names[1:]:
            self.model.load_adapter(adapters[name], adapter_name=name)
        self.model.eval()
        self.scores = {}

    def use(self, name):
        self.model.set_adapter(name)

    def score(self, text):
        if text not in self.scores:
            batch = self.tokenizer(text, return_tensors="pt")
            with torch.no_grad():
                loss = self.model(**batch, labels=batch["input_ids"]).loss
            self.scores[text] = -loss.item()  # expect: PEFT303
        return self.scores[text]


scorer = Scorer("gpt2", {"news": "out/news", "fiction": "out/fiction"})
texts = [line.strip() for line in open("texts.txt")]
for name in ("news", "fiction"):
    scorer.use(name)
    print(name, sum(scorer.score(text) for text in texts) / len(texts))
