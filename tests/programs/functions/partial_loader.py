from functools import partial

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

load_base = partial(AutoModelForCausalLM.from_pretrained, dtype=torch.bfloat16, device_map="auto")
attach = partial(PeftModel.from_pretrained, adapter_name="policy", is_trainable=True)

tokenizer = AutoTokenizer.from_pretrained("facebook/opt-125m")
model = attach(load_base("facebook/opt-125m"), "out/opt-policy")

value_config = LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM")
wrap = partial(get_peft_model, peft_config=value_config, adapter_name="value")
model = wrap(model)  # expect: PEFT103

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)
for text in open("texts.txt"):
    ids = tokenizer(text, return_tensors="pt").input_ids.to(model.device)
    loss = model(ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/opt-value")
