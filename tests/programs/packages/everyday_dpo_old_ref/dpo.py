# Preference tuning that continues the SFT adapter.
import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

BASE = "mistralai/Mistral-7B-v0.1"
SFT = "runs/mistral-sft"

tokenizer = AutoTokenizer.from_pretrained(BASE)
tokenizer.pad_token = tokenizer.eos_token

base = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.bfloat16, device_map="auto")
model = PeftModel.from_pretrained(base, SFT, is_trainable=True)
model.config.use_cache = False

pairs = load_dataset("argilla/dpo-mix-7k", split="train")
pairs = pairs.map(lambda r: {
    "prompt": r["chosen"][0]["content"],
    "chosen": r["chosen"][1]["content"],
    "rejected": r["rejected"][1]["content"],
})

args = DPOConfig(
    output_dir="runs/mistral-dpo",
    beta=0.1,
    max_length=1024,
    max_prompt_length=512,
    per_device_train_batch_size=2,
    gradient_accumulation_steps=8,
    learning_rate=5e-6,
    bf16=True,
    logging_steps=10,
)
trainer = DPOTrainer(  # expect: PEFT406
    model,
    ref_model=None,
    args=args,
    train_dataset=pairs,
    processing_class=tokenizer,
)
trainer.train()
model.save_pretrained("runs/mistral-dpo/adapter")
