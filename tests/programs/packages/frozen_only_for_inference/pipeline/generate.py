import torch

from .load import load, tokenizer_for


@torch.no_grad()
def run(adapter, prompts):
    tokenizer = tokenizer_for()
    model = load(adapter).eval()
    for prompt in prompts:
        ids = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=30)
        yield tokenizer.decode(ids[0])
