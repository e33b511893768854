import contextlib
import sys

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

path = "runs/2024-05-03/adapter"
without_adapter = "--base" in sys.argv
model = AutoPeftModelForCausalLM.from_pretrained(path, device_map="auto")
tokenizer = AutoTokenizer.from_pretrained(path)
model.eval()

prompts = [line.strip() for line in open("prompts.txt") if line.strip()]

with contextlib.ExitStack() as stack:
    stack.enter_context(torch.no_grad())
    if without_adapter:
        stack.enter_context(model.disable_adapter())
    for prompt in prompts:
        ids = tokenizer(prompt, return_tensors="pt").to(model.device)
        print(tokenizer.decode(model.generate(**ids, max_new_tokens=80)[0], skip_special_tokens=True))

context = model.disable_adapter() if without_adapter else contextlib.nullcontext()
with torch.no_grad(), context:
    ids = tokenizer("The end.", return_tensors="pt").to(model.device)
    print(model(**ids).logits[0, -1].topk(5))
