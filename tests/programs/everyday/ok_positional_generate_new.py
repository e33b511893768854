# Interactive completion.
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("runs/poet", device_map="auto")
tok = AutoTokenizer.from_pretrained("runs/poet")
ids = tok("The sea", return_tensors="pt").input_ids.to(model.device)
print(tok.decode(model.generate(ids, max_new_tokens=60, do_sample=True)[0], skip_special_tokens=True))
