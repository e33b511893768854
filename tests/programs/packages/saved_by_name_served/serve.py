import torch
from peft import PeftModel
from settings import BASE, OUT_DIR
from transformers import AutoModelForTokenClassification, AutoTokenizer


class Tagger:
    def __init__(self):
        base = AutoModelForTokenClassification.from_pretrained(BASE, num_labels=7)
        self.tokenizer = AutoTokenizer.from_pretrained(BASE)
        self.model = PeftModel.from_pretrained(base, OUT_DIR, adapter_name="ner")  # expect: PEFT508

    @torch.no_grad()
    def tag(self, words):
        encoded = self.tokenizer(words, is_split_into_words=True, return_tensors="pt")
        return self.model(**encoded).logits.argmax(-1)[0].tolist()
