import functools

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

NAME = "google/flan-t5-small"


@functools.cache
def base():
    return AutoModelForSeq2SeqLM.from_pretrained(NAME)


def translator(language):
    return PeftModel.from_pretrained(base(), f"translators/{language}").eval()  # expect: PEFT104


def main():
    tokenizer = AutoTokenizer.from_pretrained(NAME)
    french = translator("fr")
    german = translator("de")
    inputs = tokenizer("Good morning", return_tensors="pt")
    with torch.no_grad():
        print(tokenizer.decode(french.generate(**inputs)[0]))
        print(tokenizer.decode(german.generate(**inputs)[0]))


main()
