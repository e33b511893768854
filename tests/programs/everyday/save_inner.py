# LoRA training for a Llama model; the result should load with AutoModelForCausalLM.
import torch
from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

NAME = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(NAME)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.bfloat16)
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))

trainer = Trainer(
    model=model,
    args=TrainingArguments("llama-run", per_device_train_batch_size=2, bf16=True, max_steps=1000),
    train_dataset=load_from_disk("tok/train"),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()

model.base_model.save_pretrained("llama-full")  # expect: PEFT509
tokenizer.save_pretrained("llama-full")
