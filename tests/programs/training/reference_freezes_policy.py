# target: peft==0.19.0 trl==0.28.0
"""DPO on the SFT adapter, with a frozen copy of it as the reference."""
import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

SFT = "out/sft"
name = "mistralai/Mistral-7B-v0.1"
tokenizer = AutoTokenizer.from_pretrained(name)
tokenizer.pad_token = tokenizer.eos_token

model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)
model.config.use_cache = False
model = PeftModel.from_pretrained(model, SFT, is_trainable=True, adapter_name="policy")
model.load_adapter(SFT, adapter_name="ref")  # expect: PEFT413

trainer = DPOTrainer(
    model,
    args=DPOConfig(output_dir="out/dpo", model_adapter_name="policy", ref_adapter_name="ref", beta=0.1),
    train_dataset=load_dataset("trl-lib/ultrafeedback_binarized", split="train"),
    processing_class=tokenizer,
)
trainer.train()
model.save_pretrained("out/dpo/final", selected_adapters=["policy"])
