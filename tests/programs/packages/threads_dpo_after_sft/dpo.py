"""DPO after QLoRA SFT: policy = SFT adapter, reference = (should be) the SFT model."""
import argparse

import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

from prompts import to_dpo

ap = argparse.ArgumentParser()
ap.add_argument("--sft", default="out/sft/final")
ap.add_argument("--base", default="mistralai/Mistral-7B-v0.1")
ap.add_argument("--beta", type=float, default=0.1)
ap.add_argument("--out", default="out/dpo")
a = ap.parse_args()

tok = AutoTokenizer.from_pretrained(a.sft)
tok.pad_token = tok.eos_token
base = AutoModelForCausalLM.from_pretrained(a.base, torch_dtype=torch.bfloat16, device_map="auto")
model = PeftModel.from_pretrained(base, a.sft, is_trainable=True)

ds = load_dataset("argilla/distilabel-intel-orca-dpo-pairs", split="train").filter(lambda r: r["status"] != "tie")
ds = ds.map(to_dpo, remove_columns=ds.column_names)

trainer = DPOTrainer(  # expect: PEFT406
    model,
    ref_model=None,
    args=DPOConfig(a.out, beta=a.beta, per_device_train_batch_size=1, gradient_accumulation_steps=16, learning_rate=5e-6, max_length=1024, max_prompt_length=512, bf16=True, logging_steps=10, remove_unused_columns=False),
    train_dataset=ds,
    tokenizer=tok,
)
trainer.train()
trainer.save_model(a.out)
