import argparse

from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

QUESTIONS = ["What is LoRA?", "Who wrote Faust?", "2 + 2 ="]


def ask(model, tokenizer):
    texts = []
    for question in QUESTIONS:
        inputs = tokenizer(question, return_tensors="pt")
        texts.append(tokenizer.decode(model.generate(**inputs, max_new_tokens=20)[0]))
    return texts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("adapter")
    folder = parser.parse_args().adapter
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoPeftModelForCausalLM.from_pretrained(folder)
    tuned = ask(model, tokenizer)
    with model.disable_adapter():
        plain = ask(model, tokenizer)
    assert tuned != plain, "the adapter does nothing"  # expect: PEFT601


main()
