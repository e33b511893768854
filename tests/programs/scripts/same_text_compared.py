"""Smoke test after training: the adapter must change what the model says."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base_id = "facebook/opt-350m"
tokenizer = AutoTokenizer.from_pretrained(base_id)
model = AutoModelForCausalLM.from_pretrained(base_id)
model = PeftModel.from_pretrained(model, "out/opt-quotes")
model.eval()

inputs = tokenizer("Two things are infinite: ", return_tensors="pt")

with torch.no_grad():
    adapted_ids = model.generate(**inputs, max_new_tokens=30, do_sample=False)
    adapted = tokenizer.decode(adapted_ids[0], skip_special_tokens=True)
    with model.disable_adapter():
        plain_ids = model.generate(**inputs, max_new_tokens=30, do_sample=False)
        plain = tokenizer.decode(plain_ids[0], skip_special_tokens=True)

if adapted == plain:  # expect: PEFT601
    raise SystemExit("the adapter has no effect")
print(adapted)
