"""Load model and tokenizer in one go, as most inference scripts do."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(base_path, lora_path):
    tokenizer = AutoTokenizer.from_pretrained(base_path, use_fast=False)
    base = AutoModelForCausalLM.from_pretrained(base_path, dtype=torch.float16, device_map="auto")
    model = PeftModel.from_pretrained(base, lora_path, adapter_name="first")
    model.eval()
    return model, tokenizer


def answer(model, tokenizer, text):
    inputs = tokenizer(text, return_tensors="pt").to(model.device)
    with torch.no_grad():
        output = model.generate(**inputs, max_new_tokens=200)
    return tokenizer.decode(output[0], skip_special_tokens=True)


def main():
    model, tokenizer = load("baichuan-inc/Baichuan2-7B-Base", "lora/first")
    print(answer(model, tokenizer, "What is LoRA?"))

    model.load_adapter("lora/second", adapter_name="second")  # expect: PEFT105
    print("second adapter:")
    print(answer(model, tokenizer, "What is LoRA?"))


main()
