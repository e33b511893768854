# LoRA with activation checkpointing to fit on a small card.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

name = "EleutherAI/pythia-1.4b"
tokenizer = AutoTokenizer.from_pretrained(name)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16)

config = LoraConfig(r=16, lora_alpha=32, target_modules=["query_key_value"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.gradient_checkpointing_enable()  # expect: PEFT404
model.config.use_cache = False

ds = load_dataset("tatsu-lab/alpaca", split="train")
ds = ds.map(lambda r: tokenizer(r["text"], truncation=True, max_length=512), remove_columns=ds.column_names)

trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir="pythia-alpaca",
        per_device_train_batch_size=8,
        num_train_epochs=1,
        bf16=True,
        learning_rate=2e-4,
        logging_steps=20,
    ),
    train_dataset=ds,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
model.save_pretrained("pythia-alpaca/final")
