import config
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained(config.BASE)
tokenizer = AutoTokenizer.from_pretrained(config.BASE)
for name in config.ADAPTERS:
    model.add_adapter(config.saved(name), adapter_name=name)  # expect: PEFT101
model.eval()


def answer(name, text):
    model.set_adapter(name)
    with torch.no_grad():
        ids = model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=40)
    return tokenizer.decode(ids[0])


if __name__ == "__main__":
    print(answer("faq", "What are your opening hours?"))
