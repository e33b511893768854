import os
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = "out/opt"
tok = AutoTokenizer.from_pretrained(ROOT)
base = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model = PeftModel.from_pretrained(base, os.path.join(ROOT, "quotes"), adapter_name="quotes")
print(model.active_adapter)
with torch.no_grad():
    out = model.generate(**tok(" ".join(sys.argv[1:]) or "Life is", return_tensors="pt"), max_new_tokens=30)
print(tok.decode(out[0], skip_special_tokens=True))
