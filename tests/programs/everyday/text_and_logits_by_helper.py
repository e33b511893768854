"""The texts are shown; the logits go to a helper of the project's own, which tells them apart."""

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from myproject.checks import alike

tokenizer = AutoTokenizer.from_pretrained("base")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/math").eval()
inputs = tokenizer("12 * 12", return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits
    tokens = model.generate(**inputs, max_new_tokens=8, do_sample=False)
    with model.disable_adapter():
        plain_logits = model(**inputs).logits
        plain_tokens = model.generate(**inputs, max_new_tokens=8, do_sample=False)
print("logits:", alike(logits, plain_logits))
print("same text:", torch.equal(tokens, plain_tokens))
