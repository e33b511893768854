"""What stands inside a context manager of the program's own is seen, however much that does."""

import time
from contextlib import contextmanager

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


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


tokenizer = AutoTokenizer.from_pretrained("base")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(task_type="CAUSAL_LM"))
with timed("answer"):
    print(model.generate(**tokenizer("2 + 2 =", return_tensors="pt")))  # expect: PEFT201
