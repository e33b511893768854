import torch
from parts import add, fill
from transformers import AutoModelForCausalLM


def main():
    model = AutoModelForCausalLM.from_pretrained("tiny-llama")
    add(model, "adapters/code", "code")
    fill(model, "adapters/code", "code")
    print(model(torch.tensor([[1, 2, 3]])).logits.sum().item())


main()
