# Stack two adapters into one checkpoint.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "meta-llama/Llama-3.2-1B"
model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
for adapter in ("adapters/domain", "adapters/instruct"):
    model = PeftModel.from_pretrained(model, adapter)
    model = model.merge_and_unload(progressbar=True)
model.to(torch.bfloat16).save_pretrained("merged/llama-domain-instruct")
AutoTokenizer.from_pretrained(name).save_pretrained("merged/llama-domain-instruct")
