"""Helpers that hand on a model, or a report under a name of its own: both are right."""
import torch
from peft import set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer


def attach(model, folder, name):
    model.load_adapter(folder, adapter_name=name)
    return model


def restore(model, weights):
    return set_peft_model_state_dict(model, weights)


def main():
    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    model = attach(model, "adapters/math", "math")
    report = restore(model, torch.load("newer.pt", weights_only=True))
    print(report)
    with torch.no_grad():
        print(tokenizer.decode(model.generate(**tokenizer("1 + 1 =", return_tensors="pt"))[0]))


main()
