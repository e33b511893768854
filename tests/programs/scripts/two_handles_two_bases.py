"""Compare the English and the German adapter on the same sentences."""
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

checkpoint = "xlm-roberta-base"
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def fresh():
    return AutoModelForSequenceClassification.from_pretrained(checkpoint, num_labels=3)


english = PeftModel.from_pretrained(fresh(), "adapters/sentiment-en")
german = PeftModel.from_pretrained(fresh(), "adapters/sentiment-de")

sentences = ["What a lovely day!", "Das Essen war kalt.", "Es ist, wie es ist."]
batch = tokenizer(sentences, padding=True, return_tensors="pt")

with torch.no_grad():
    by_english = english(**batch).logits.softmax(-1)
    by_german = german(**batch).logits.softmax(-1)

for sentence, a, b in zip(sentences, by_english, by_german):
    print(f"{sentence:30} en {a.tolist()} de {b.tolist()}")
