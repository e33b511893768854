# Summarise a document, then extract keywords, with one base model.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-1.5B-Instruct"
tok = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16, device_map="auto")
model = PeftModel.from_pretrained(base, "adapters/summary", adapter_name="summary")
model.load_adapter("adapters/keywords")  # expect: PEFT802


def run(adapter, text):
    model.set_adapter(adapter)
    enc = tok(text, return_tensors="pt").to(model.device)
    with torch.no_grad():
        out = model.generate(**enc, max_new_tokens=200)
    return tok.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True)


doc = open("doc.txt").read()
print(run("summary", "Summarise:\n" + doc))
