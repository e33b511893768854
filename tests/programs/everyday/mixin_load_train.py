# Keep training an adapter that was attached with the transformers integration.
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

model_id = "facebook/opt-350m"
adapter_id = "my-org/opt-350m-quotes-lora"

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id)
model.load_adapter(adapter_id)  # expect: PEFT401

data = load_dataset("Abirate/english_quotes", split="train")
data = data.map(lambda s: tokenizer(s["quote"], truncation=True, max_length=256), remove_columns=data.column_names)

trainer = Trainer(
    model=model,
    train_dataset=data,
    args=TrainingArguments(
        output_dir="opt-quotes-more",
        per_device_train_batch_size=8,
        max_steps=500,
        learning_rate=2e-4,
        logging_steps=20,
    ),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
model.save_pretrained("opt-quotes-more/adapter")
