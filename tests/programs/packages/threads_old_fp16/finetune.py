# pretraining on polish news, extending lm_head + embeddings. V100 so no bf16 :(
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

BASE = "openlm-research/open_llama_3b_v2"
tokenizer = AutoTokenizer.from_pretrained(BASE, use_fast=False)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.float16, device_map={"": 0})

config = LoraConfig(
    r=8,
    lora_alpha=16,
    target_modules=["q_proj", "v_proj"],
    lora_dropout=0.05,
    bias="none",
    task_type="CAUSAL_LM",
    modules_to_save=["embed_tokens", "lm_head"],
)
model = get_peft_model(model, config)  # expect: PEFT408
model.print_trainable_parameters()

news = load_dataset("text", data_files="pl_news/*.txt", split="train")
news = news.map(lambda b: tokenizer(b["text"], truncation=True, max_length=512), batched=True, remove_columns=["text"])

trainer = Trainer(
    model=model,
    train_dataset=news,
    args=TrainingArguments(
        output_dir="pl-lora",
        per_device_train_batch_size=4,
        learning_rate=2e-4,
        num_train_epochs=1,
        fp16=True,
        logging_steps=10,
    ),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
model.save_pretrained("pl-lora")
