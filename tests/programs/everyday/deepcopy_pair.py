# Compare the hidden states of a tuned encoder with those of the untouched one.
import copy

import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer

NAME = "roberta-base"
SENTENCES = [
    "The patient was discharged after two days.",
    "Shares fell sharply after the announcement.",
    "The recipe calls for two cups of flour.",
]

tok = AutoTokenizer.from_pretrained(NAME)
base = AutoModel.from_pretrained(NAME).eval()
clinical = PeftModel.from_pretrained(copy.deepcopy(base), "lora/roberta-clinical")
finance = PeftModel.from_pretrained(copy.deepcopy(base), "lora/roberta-finance")


def pooled(model, texts):
    enc = tok(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        h = model(**enc).last_hidden_state
    m = enc.attention_mask[..., None]
    return (h * m).sum(1) / m.sum(1)


ref = pooled(base, SENTENCES)
for name, model in (("clinical", clinical), ("finance", finance)):
    sims = F.cosine_similarity(ref, pooled(model, SENTENCES))
    for s, c in zip(SENTENCES, sims.tolist()):
        print(f"{name:9s} {c:.4f}  {s}")
