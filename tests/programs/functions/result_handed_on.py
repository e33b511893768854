"""A helper hands on what load_adapter gives, and the caller takes it for the model."""
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def attach(model, folder, name):
    return model.load_adapter(folder, adapter_name=name)


def main():
    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    model = attach(model, "adapters/math", "math")  # expect: PEFT110
    with torch.no_grad():
        print(tokenizer.decode(model.generate(**tokenizer("1 + 1 =", return_tensors="pt"))[0]))


main()
