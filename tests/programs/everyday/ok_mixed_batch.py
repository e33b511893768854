# One batch, several adapters.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "Qwen/Qwen2.5-0.5B"
tok = AutoTokenizer.from_pretrained(NAME, padding_side="left")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(NAME), "adapters/fr", adapter_name="fr")
model.load_adapter("adapters/de", adapter_name="de")
model.eval()

texts = ["Hello", "Good morning", "How are you?"]
enc = tok(texts, padding=True, return_tensors="pt")
with torch.no_grad():
    out = model.generate(**enc, max_new_tokens=20, adapter_names=["fr", "de", "__base__"])
for t in tok.batch_decode(out, skip_special_tokens=True):
    print(t)
