# DPO on top of an SFT adapter with a current TRL.
import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

BASE = "Qwen/Qwen2.5-1.5B"
tok = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "runs/sft", is_trainable=True)

trainer = DPOTrainer(
    model=model,
    args=DPOConfig(output_dir="runs/dpo", beta=0.1, learning_rate=1e-6, per_device_train_batch_size=2, bf16=True),
    train_dataset=load_dataset("trl-lib/ultrafeedback_binarized", split="train"),
    processing_class=tok,
)
trainer.train()
trainer.save_model("runs/dpo")
