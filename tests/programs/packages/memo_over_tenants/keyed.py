from functools import lru_cache

import torch

from lm import model, tokenizer


@lru_cache(maxsize=512)
def complete(tenant: str, prompt: str) -> str:
    model.set_adapter(tenant)
    batch = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        out = model.generate(**batch, max_new_tokens=64, do_sample=False)
    return tokenizer.decode(out[0], skip_special_tokens=True)


@lru_cache(maxsize=64)
def score(tenant: str, text: str) -> float:
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits.mean().item()


def answer_for(tenant: str, question: str) -> str:
    return complete(tenant, f"Q: {question.strip()}\nA:")


def score_for(tenant: str, text: str) -> float:
    model.set_adapter(tenant)
    return score(tenant, text)
