# Evaluate two task adapters against one another.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from evaluation import perplexity

tokenizer = AutoTokenizer.from_pretrained("facebook/opt-1.3b")
net = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b", dtype=torch.float16, device_map="cuda")
model = PeftModel.from_pretrained(net, "adapters/law", adapter_name="law")
model.merge_and_unload()  # expect: PEFT501
print("law", perplexity(model, tokenizer, "data/law.txt"))

model.load_adapter("adapters/med", adapter_name="med")
model.set_adapter("med")
print("med", perplexity(model, tokenizer, "data/med.txt"))
model.save_pretrained("adapters/med-checked", selected_adapters=["med"])
