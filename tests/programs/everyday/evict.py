# Benchmark two adapters; the first is evicted to save memory, then used for the final answer.
import gc
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B-Instruct")
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B-Instruct", dtype="auto", device_map="auto")
model = PeftModel.from_pretrained(base, "loras/v1", adapter_name="v1")
model.load_adapter("loras/v2", adapter_name="v2")
model.eval()

PROMPT = "Write a commit message for: fix off-by-one in paginator"


def timed(name):
    model.set_adapter(name)
    enc = tok(PROMPT, return_tensors="pt").to(model.device)
    t0 = time.perf_counter()
    with torch.inference_mode():
        ids = model.generate(**enc, max_new_tokens=64, do_sample=False)
    torch.cuda.synchronize()
    dt = time.perf_counter() - t0
    n = ids.shape[1] - enc.input_ids.shape[1]
    print(f"{name}: {n / dt:.1f} tok/s")
    return tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)


first = timed("v1")
second = timed("v2")

model.delete_adapter("v1")
gc.collect()
torch.cuda.empty_cache()
print(f"{torch.cuda.memory_allocated() / 2**30:.2f} GiB")

model.set_adapter("v1")  # expect: PEFT309
enc = tok("Final answer please: " + PROMPT, return_tensors="pt").to(model.device)
print(tok.decode(model.generate(**enc, max_new_tokens=64)[0], skip_special_tokens=True))
