from contextlib import contextmanager

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@contextmanager
def using(model, name):
    before = model.active_adapter
    model.set_adapter(name)
    try:
        yield
    finally:
        model.set_adapter(before)


tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/news", adapter_name="news")
model.load_adapter("out/blog", adapter_name="blog")
model.eval()

document = tokenizer(open("document.txt").read(), return_tensors="pt").input_ids[:, :900]
question = tokenizer(" In short:", return_tensors="pt").input_ids

with torch.no_grad():
    outputs = model(document, use_cache=True)
    with using(model, "blog"):
        step = model(question, past_key_values=outputs.past_key_values)  # expect: PEFT301
    print(tokenizer.decode(step.logits[0, -1].argmax()))
