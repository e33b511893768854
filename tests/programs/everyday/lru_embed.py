# Semantic search where queries and documents use different LoRA adapters of one encoder.
from functools import lru_cache

import numpy as np
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer

NAME = "intfloat/e5-base-v2"
tok = AutoTokenizer.from_pretrained(NAME)
encoder = PeftModel.from_pretrained(AutoModel.from_pretrained(NAME), "lora/e5-docs", adapter_name="docs")
encoder.load_adapter("lora/e5-queries", adapter_name="queries")
encoder.eval()


@lru_cache(maxsize=50_000)  # expect: PEFT303
def embed(text: str):
    enc = tok(text, truncation=True, max_length=512, return_tensors="pt")
    with torch.no_grad():
        hidden = encoder(**enc).last_hidden_state
    mask = enc["attention_mask"].unsqueeze(-1)
    vec = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(vec, dim=-1)[0].numpy()


def build_index(docs):
    encoder.set_adapter("docs")
    return np.stack([embed(d) for d in docs])


def search(index, docs, query, k=3):
    encoder.set_adapter("queries")
    scores = index @ embed(query)
    best = np.argsort(-scores)[:k]
    return [(docs[i], float(scores[i])) for i in best]


if __name__ == "__main__":
    docs = ["how to reset my password", "opening hours", "shipping costs to Norway"]
    index = build_index(docs)
    for q in ("how to reset my password", "when are you open?"):
        print(q, search(index, docs, q))
