# target: peft==0.7.1 transformers==4.41.2
"""peft before 0.8.2: generate of a PeftModel takes keywords only."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("facebook/opt-125m")
base = AutoModelForCausalLM.from_pretrained("facebook/opt-125m", torch_dtype=torch.float32)
ids = tokenizer("Hello, my name is", return_tensors="pt").input_ids
with torch.no_grad():
    print(tokenizer.decode(base.generate(ids, max_new_tokens=10)[0]))

model = PeftModel.from_pretrained(base, "out/opt")
model.eval()
with torch.no_grad():
    print(tokenizer.decode(model.generate(ids, max_new_tokens=10)[0]))  # expect: PEFT903
    print(tokenizer.decode(model.generate(input_ids=ids, max_new_tokens=10)[0]))
