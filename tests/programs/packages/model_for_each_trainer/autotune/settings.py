import json
from types import SimpleNamespace

from datasets import load_dataset
from transformers import TrainingArguments


def read(path):
    config = SimpleNamespace(**json.load(open(path)))
    return config, TrainingArguments(config.output), load_dataset(config.data, split="train")
