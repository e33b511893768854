"""LoftQ finetuning of mistral on gsm8k. python c24.py --bits 4"""
import argparse

import torch
from datasets import load_dataset
from peft import LoftQConfig, LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, DataCollatorForLanguageModeling, Trainer, TrainingArguments

p = argparse.ArgumentParser()
p.add_argument("--model_name_or_path", default="mistralai/Mistral-7B-v0.1")
p.add_argument("--rank", type=int, default=64)
p.add_argument("--output_dir", default="exp_results/gsm8k")
a = p.parse_args()

tok = AutoTokenizer.from_pretrained(a.model_name_or_path)
tok.pad_token = tok.eos_token

bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained(a.model_name_or_path, quantization_config=bnb, device_map="auto")
model = prepare_model_for_kbit_training(model)

loftq_config = LoftQConfig(loftq_bits=4, loftq_iter=5)
lora_config = LoraConfig(
    task_type="CAUSAL_LM",
    r=a.rank,
    lora_alpha=a.rank,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj", "gate_proj"],
    init_lora_weights="loftq",  # expect: PEFT205
    loftq_config=loftq_config,
)
model = get_peft_model(model, lora_config)

ds = load_dataset("openai/gsm8k", "main", split="train")
ds = ds.map(lambda e: tok(f"Question: {e['question']}\nAnswer: {e['answer']}{tok.eos_token}", truncation=True, max_length=512), remove_columns=ds.column_names)

Trainer(
    model=model,
    args=TrainingArguments(a.output_dir, per_device_train_batch_size=2, gradient_accumulation_steps=8, num_train_epochs=2, learning_rate=3e-4, bf16=True, logging_steps=10),
    train_dataset=ds,
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
).train()
model.save_pretrained(a.output_dir)
