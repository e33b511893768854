import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
PATHS = {"cnn": "adapters/cnn", "mmlu": "adapters/mmlu", "math": "adapters/math"}


def load_expert(path, device):
    base = AutoModelForCausalLM.from_pretrained(BASE).to(device)
    return PeftModel.from_pretrained(base, path).eval()


def load_experts(device):
    return {name: load_expert(path, device) for name, path in PATHS.items()}


def route(prompt):
    if "article" in prompt.lower():
        return "cnn"
    return "math" if any(c.isdigit() for c in prompt) else "mmlu"


def main():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    experts = load_experts(device)
    while prompt := input("> "):
        model = experts[route(prompt)]
        batch = tokenizer(prompt, return_tensors="pt").to(device)
        with torch.no_grad():
            print(tokenizer.decode(model.generate(**batch, max_new_tokens=100)[0]))


main()
