"""Load model and tokenizer in one go; the caller chooses the adapter."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(base_path, lora_paths):
    tokenizer = AutoTokenizer.from_pretrained(base_path, use_fast=False)
    base = AutoModelForCausalLM.from_pretrained(base_path, dtype=torch.float16, device_map="auto")
    model = None
    for name, path in lora_paths.items():
        if model is None:
            model = PeftModel.from_pretrained(base, path, adapter_name=name)
        else:
            model.load_adapter(path, adapter_name=name)
    model.eval()
    return model, tokenizer


def answer(model, tokenizer, text, adapter):
    model.set_adapter(adapter)
    inputs = tokenizer(text, return_tensors="pt").to(model.device)
    with torch.no_grad():
        output = model.generate(**inputs, max_new_tokens=200)
    return tokenizer.decode(output[0], skip_special_tokens=True)


def main():
    adapters = {"first": "lora/first", "second": "lora/second"}
    model, tokenizer = load("baichuan-inc/Baichuan2-7B-Base", adapters)
    for name in adapters:
        print(name, answer(model, tokenizer, "What is LoRA?", name))


main()
