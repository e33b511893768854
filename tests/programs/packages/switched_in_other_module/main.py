import torch
from transformers import AutoTokenizer

from adapters import load_all
from routing import select

BASE = "meta-llama/Llama-3.2-1B"
model = load_all(BASE, {"sql": "adapters/sql", "poetry": "adapters/poetry"})
tokenizer = AutoTokenizer.from_pretrained(BASE)

while prompt := input("> "):
    with torch.no_grad(), select(model, prompt):
        ids = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=100)
    print(tokenizer.decode(ids[0], skip_special_tokens=True))
