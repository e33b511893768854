"""Batches come from a generator with more to it than the training loop; a context manager takes the time."""

import random
import time
from contextlib import contextmanager

from peft import LoraConfig, get_peft_model
from torch.optim import AdamW
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("base")


def batches(rows, size):
    rows = list(rows)
    random.shuffle(rows)
    waiting = []
    dropped = 0
    for row in rows:
        if not row.strip():
            dropped += 1
            continue
        waiting.append(row)
        if len(waiting) == size:
            yield tokenizer(waiting, return_tensors="pt", padding=True)
            waiting = []
    if waiting:
        yield tokenizer(waiting, return_tensors="pt", padding=True)
    print("rows:", len(rows))
    print("dropped:", dropped)


@contextmanager
def timed(name):
    started = time.time()
    print(name, "begins")
    lines = []
    try:
        yield lines
    finally:
        seconds = time.time() - started
        minutes = seconds / 60
        print(name, "took", minutes)
        lines.append(minutes)
        print(len(lines), "entries")


def fine_tune(rows):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(task_type="CAUSAL_LM"))
    optimizer = AdamW(model.parameters(), lr=1e-4)
    for batch in batches(rows, 8):
        loss = model(**batch, labels=batch["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    return model.generate(**tokenizer("Once", return_tensors="pt"))


def fine_tune_in_time(rows):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(task_type="CAUSAL_LM"))
    optimizer = AdamW(model.parameters(), lr=1e-4)
    with timed("training"):
        for row in rows:
            loss = model(**tokenizer(row, return_tensors="pt")).loss
            loss.backward()
            optimizer.step()
    model.eval()
    return model.generate(**tokenizer("Once", return_tensors="pt"))
