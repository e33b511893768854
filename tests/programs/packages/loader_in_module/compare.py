"""No import of PEFT here: the model comes wrapped from the other module."""
import sys

import torch

import models


def main(name, adapter, prompt="Hello"):
    tokenizer = models.load_tokenizer(name)
    model = models.load_adapted(name, adapter)
    batch = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        adapted = model(**batch).logits
        model.disable_adapter()  # expect: PEFT305
        original = model(**batch).logits
    print("difference", (adapted - original).abs().max().item())


if __name__ == "__main__":
    main(*sys.argv[1:])
