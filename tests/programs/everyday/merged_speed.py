# Latency of two adapters, each merged while it is measured.
import statistics
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("facebook/opt-1.3b")
net = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b", dtype=torch.bfloat16).cuda()
model = PeftModel.from_pretrained(net, "adapters/support", adapter_name="support")
model.load_adapter("adapters/billing", adapter_name="billing")
model.eval()


def measure(prompt, repeats=10):
    enc = tok(prompt, return_tensors="pt").to("cuda")
    times = []
    for _ in range(repeats):
        torch.cuda.synchronize()
        start = time.perf_counter()
        with torch.inference_mode():
            model.generate(**enc, max_new_tokens=64, min_new_tokens=64, do_sample=False)
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


model.merge_adapter()
print("support, merged:", measure("My invoice is wrong because"))

# PEFT un-merges on its own here
model.set_adapter("billing")
model.merge_adapter()
print("billing, merged:", measure("My invoice is wrong because"))

model.unmerge_adapter()
print("billing, unmerged:", measure("My invoice is wrong because"))
