"""A thread generates while the text streams out; the threads of a pool load two adapters on one base."""
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
base = AutoModelForCausalLM.from_pretrained("gpt2")
model = PeftModel.from_pretrained(base, "adapters/plain", adapter_name="plain")
model.load_adapter("adapters/pirate", adapter_name="pirate")  # expect: PEFT105
streamer = TextIteratorStreamer(tokenizer)
inputs = tokenizer("Ahoy", return_tensors="pt")
Thread(target=model.generate, kwargs=dict(**inputs, streamer=streamer, max_new_tokens=64)).start()
for piece in streamer:
    print(piece, end="")

second = AutoModelForCausalLM.from_pretrained("gpt2")
with ThreadPoolExecutor(2) as pool:
    english, german = pool.map(lambda folder: PeftModel.from_pretrained(second, folder), ["en", "de"])  # expect: PEFT104
ids = torch.tensor([[1, 2, 3]])
print(english(ids).logits - german(ids).logits)
