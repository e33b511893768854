import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from vocab import BASE, OUT, SpecialTokens as S

tokenizer = AutoTokenizer.from_pretrained(OUT)
base = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.bfloat16, device_map="auto")
base.resize_token_embeddings(len(tokenizer))
model = PeftModel.from_pretrained(base, OUT)
text = f"{S.begin_context.value} {sys.argv[1]} {S.end_context.value} {S.begin_target.value}"
enc = tokenizer(text, return_tensors="pt").to(model.device)
out = model.generate(**enc, max_new_tokens=128, eos_token_id=tokenizer.convert_tokens_to_ids(S.end_target.value))
print(tokenizer.decode(out[0]))
