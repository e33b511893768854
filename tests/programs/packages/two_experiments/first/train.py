"""Saves below its own `adapter-out`, which is not that of the other experiment."""
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(r=8, target_modules=["c_attn"]), adapter_name="first"
)
Trainer(model=model).train()
model.save_pretrained("adapter-out")
