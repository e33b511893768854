"""Each language has its own base: the cache keeps one for each argument."""

import functools

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

NAME = "google/flan-t5-small"


@functools.lru_cache(maxsize=None)
def base(language):
    print("loading for", language)
    return AutoModelForSeq2SeqLM.from_pretrained(NAME)


@functools.cache
def translator(language):
    return PeftModel.from_pretrained(base(language), f"translators/{language}").eval()


def main():
    tokenizer = AutoTokenizer.from_pretrained(NAME)
    inputs = tokenizer("Good morning", return_tensors="pt")
    with torch.no_grad():
        for language in ("fr", "de", "fr"):
            print(tokenizer.decode(translator(language).generate(**inputs)[0]))


main()
