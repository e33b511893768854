# QLoRA, then export on a full-precision copy.
import gc

import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer

NAME = "mistralai/Mistral-7B-v0.3"
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = AutoModelForCausalLM.from_pretrained(
    NAME,
    quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16),
    device_map="auto",
)
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="mistral-q", max_length=1024, max_steps=500, bf16=True),
    train_dataset=load_dataset("stanfordnlp/imdb", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model("mistral-q/adapter")

del trainer, model
gc.collect()
torch.cuda.empty_cache()

model = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.bfloat16, device_map="cpu")
model = PeftModel.from_pretrained(model, "mistral-q/adapter")
model = model.merge_and_unload()
model.save_pretrained("mistral-q/merged")
tokenizer.save_pretrained("mistral-q/merged")
