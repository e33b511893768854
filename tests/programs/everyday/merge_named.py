# Merge one of two loaded adapters into the base and push the result.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base_id = "google/gemma-2-2b"
base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16)
tok = AutoTokenizer.from_pretrained(base_id)

model = PeftModel.from_pretrained(base, "out/gemma-sft", adapter_name="sft")
model.load_adapter("out/gemma-kto", adapter_name="kto")
print("adapters:", list(model.peft_config))

merged = model.merge_and_unload(adapter_names=["kto"], safe_merge=True)
merged.save_pretrained("export/gemma-kto")
tok.save_pretrained("export/gemma-kto")

merged.to("cuda")
enc = tok("The best thing about rainy days is", return_tensors="pt").to("cuda")
with torch.no_grad():
    print(tok.decode(merged.generate(**enc, max_new_tokens=40)[0], skip_special_tokens=True))
