import sys

import torch

from models import load_adapted, load_tokenizer

model = load_adapted(sys.argv[1], sys.argv[2])
tokenizer = load_tokenizer(sys.argv[1])
while text := input("> "):
    with torch.no_grad():
        ids = model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=50)
    print(tokenizer.decode(ids[0], skip_special_tokens=True))
