# Perplexity with and without the adapter through the integration.
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("facebook/opt-350m")
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model.load_adapter("ybelkada/opt-350m-lora")
enc = tok(open("sample.txt").read(), return_tensors="pt", truncation=True, max_length=1024)


@torch.no_grad()
def nll():
    return model(**enc, labels=enc["input_ids"]).loss.item()


print("adapter", nll())
model.disable_adapters()
print("base", nll())
model.enable_adapters()
print("adapter again", nll())
