import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
PATHS = {"cnn": "adapters/cnn", "mmlu": "adapters/mmlu", "math": "adapters/math"}


def load_experts(device):
    base = AutoModelForCausalLM.from_pretrained(BASE).to(device)
    return {
        "cnn": PeftModel.from_pretrained(base, PATHS["cnn"]),
        "mmlu": PeftModel.from_pretrained(base, PATHS["mmlu"]),  # expect: PEFT104
        "math": PeftModel.from_pretrained(base, PATHS["math"]),  # expect: PEFT104
    }


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
