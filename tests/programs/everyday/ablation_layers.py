# Ablation: loss of the plain model, then of adapter A and adapter B.
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXT = open("sample.txt").read()
tok = AutoTokenizer.from_pretrained("facebook/opt-350m")
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model.load_adapter("adapters/news", adapter_name="news")
model.load_adapter("adapters/blogs", adapter_name="blogs")
model.eval()

enc = tok(TEXT, return_tensors="pt", truncation=True, max_length=1024)


def loss():
    with torch.no_grad():
        return model(**enc, labels=enc["input_ids"]).loss.item()


rows = {}
model.disable_adapters()
rows["plain"] = loss()

model.set_adapter("news")  # expect: PEFT306
rows["news"] = loss()

model.set_adapter("blogs")
rows["blogs"] = loss()

for k, v in rows.items():
    print(f"{k:8s} {v:.4f}")
