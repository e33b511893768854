# Fine-tune Falcon in 4 bit.
import torch
from datasets import load_dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

model_name = "tiiuae/falcon-7b"
bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained(model_name, quantization_config=bnb, device_map="auto")
tokenizer = AutoTokenizer.from_pretrained(model_name)
tokenizer.pad_token = tokenizer.eos_token

data = load_dataset("b-mc2/sql-create-context", split="train")
data = data.map(
    lambda r: tokenizer(f"{r['context']}\n-- {r['question']}\n{r['answer']}", truncation=True, max_length=512),
    remove_columns=data.column_names,
)

trainer = Trainer(  # expect: PEFT411
    model=model,
    train_dataset=data,
    args=TrainingArguments(
        output_dir="falcon-sql",
        per_device_train_batch_size=1,
        gradient_accumulation_steps=16,
        max_steps=1000,
        learning_rate=2e-4,
        optim="paged_adamw_8bit",
        bf16=True,
    ),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
trainer.save_model()
