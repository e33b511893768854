from functools import lru_cache

import torch

from lm import model, tokenizer


@lru_cache(maxsize=512)  # expect: PEFT303
def complete(prompt: str) -> str:
    batch = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        out = model.generate(**batch, max_new_tokens=64, do_sample=False)
    return tokenizer.decode(out[0], skip_special_tokens=True)


def answer_for(tenant: str, question: str) -> str:
    model.set_adapter(tenant)
    return complete(f"Q: {question.strip()}\nA:")
