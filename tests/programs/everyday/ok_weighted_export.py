# Blend two adapters and export the result.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "mistralai/Mistral-7B-v0.3"
base = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.add_weighted_adapter(["math", "code"], [0.6, 0.4], "blend", combination_type="cat")
model.set_adapter("blend")
model.delete_adapter("math")
model.delete_adapter("code")
merged = model.merge_and_unload()
merged.save_pretrained("export/blend")
AutoTokenizer.from_pretrained(name).save_pretrained("export/blend")
