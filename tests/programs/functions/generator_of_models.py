"""Yield one merged model per adapter; each starts from a fresh base."""
from collections.abc import Iterator

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

BASE = "Qwen/Qwen2.5-0.5B"


def merged_models(paths: list[str]) -> Iterator[tuple[str, PreTrainedModel]]:
    for path in paths:
        base = AutoModelForCausalLM.from_pretrained(BASE)
        yield path, PeftModel.from_pretrained(base, path).merge_and_unload()


tokenizer = AutoTokenizer.from_pretrained(BASE)
probe = tokenizer("The answer is", return_tensors="pt")
logits = {}
for path, model in merged_models(["out/a", "out/b", "out/c"]):
    with torch.no_grad():
        logits[path] = model(**probe).logits[0, -1]
    model.save_pretrained(f"{path}-merged")

first, *others = logits.values()
for path, other in zip(list(logits)[1:], others):
    print(path, torch.dist(first, other).item())
