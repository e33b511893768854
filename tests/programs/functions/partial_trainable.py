"""Partials that carry the right keywords."""
from functools import partial

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

load_base = partial(AutoModelForCausalLM.from_pretrained, dtype=torch.bfloat16, device_map="auto")
resume = partial(PeftModel.from_pretrained, is_trainable=True)
inspect = partial(PeftModel.from_pretrained, is_trainable=False)

tokenizer = AutoTokenizer.from_pretrained("facebook/opt-125m")
model = resume(load_base("facebook/opt-125m"), "out/opt-policy")
teacher = inspect(load_base("facebook/opt-1.3b"), "out/opt-teacher")

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)
model.train()
for text in open("texts.txt"):
    ids = tokenizer(text, return_tensors="pt").input_ids.to(model.device)
    with torch.no_grad():
        wanted = teacher(ids).logits.softmax(-1)
    loss = torch.nn.functional.cross_entropy(model(ids).logits.flatten(0, 1), wanted.flatten(0, 1))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/opt-distilled")
