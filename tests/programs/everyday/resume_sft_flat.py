# Continue instruction tuning from an earlier LoRA checkpoint.
import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

BASE = "meta-llama/Llama-3.2-1B"
CKPT = "outputs/stage1/checkpoint-1200"

tok = AutoTokenizer.from_pretrained(BASE)
tok.pad_token = tok.eos_token

model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16, device_map="auto")
model = PeftModel.from_pretrained(model, CKPT)  # expect: PEFT401
model.config.use_cache = False

ds = load_dataset("json", data_files="data/stage2.jsonl", split="train")
ds = ds.map(
    lambda ex: tok(ex["text"], truncation=True, max_length=1024),
    remove_columns=ds.column_names,
)

args = TrainingArguments(
    output_dir="outputs/stage2",
    per_device_train_batch_size=4,
    gradient_accumulation_steps=4,
    num_train_epochs=1,
    learning_rate=1e-4,
    bf16=True,
    logging_steps=10,
    save_strategy="epoch",
    report_to="none",
)
trainer = Trainer(
    model=model,
    args=args,
    train_dataset=ds,
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
)
trainer.train()
model.save_pretrained("outputs/stage2/final")
