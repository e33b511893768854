# Train the second of two adapters and store only that one.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import fit

cfg = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("facebook/opt-125m"), cfg, adapter_name="math")
fit(model, "math.jsonl")

model.add_adapter("code", cfg)
model.set_adapter("code")
fit(model, "code.jsonl")

model.save_pretrained("release/code", adapter_name="code")  # expect: PEFT803
