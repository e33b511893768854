# Mixed batch: each row with its own adapter.
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

name = "roberta-base"
tok = AutoTokenizer.from_pretrained(name)
model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=2)
model.load_adapter("adapters/reviews", adapter_name="reviews")
model.load_adapter("adapters/tweets", adapter_name="tweets")
model.set_adapter("reviews")
model.eval()

rows = [("reviews", "A fine film."), ("tweets", "lol this is bad"), ("reviews", "Too long.")]
enc = tok([t for _, t in rows], padding=True, return_tensors="pt")
with torch.no_grad():
    logits = model(**enc, adapter_names=[a for a, _ in rows]).logits  # expect: PEFT804
for (a, t), p in zip(rows, logits.softmax(-1)):
    print(a, t, p.tolist())
