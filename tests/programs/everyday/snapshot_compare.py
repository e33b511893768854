# Write a snapshot of the merged weights without unloading the adapter.
import torch
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained("runs/notes-lora", dtype=torch.float32)
model.eval()

model.merge_adapter()
merged_sd = model.get_base_model().state_dict()  # expect: PEFT506
model.unmerge_adapter()

clean = {}
for key, value in merged_sd.items():
    if "lora_" in key:
        continue
    clean[key.replace(".base_layer", "")] = value
torch.save(clean, "notes-merged.pt")
print(len(clean), "tensors")
