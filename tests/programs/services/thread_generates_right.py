"""The adapter is switched on before the thread starts; each thread of the pool has a base of its own."""
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "adapters/plain", adapter_name="plain")
model.load_adapter("adapters/pirate", adapter_name="pirate")


def stream(text, name):
    model.set_adapter(name)
    streamer = TextIteratorStreamer(tokenizer)
    inputs = tokenizer(text, return_tensors="pt")
    thread = Thread(target=model.generate, kwargs=dict(**inputs, streamer=streamer, max_new_tokens=64))
    thread.start()
    yield from streamer
    thread.join()


def load(folder):
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), folder)


for name in ("plain", "pirate"):
    print("".join(stream("Ahoy", name)))
with ThreadPoolExecutor(2) as pool:
    english, german = pool.map(load, ["en", "de"])
ids = torch.tensor([[1, 2, 3]])
print(english(ids).logits - german(ids).logits)
