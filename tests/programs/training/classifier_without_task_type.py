import numpy as np
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

checkpoint = "distilbert-base-uncased"
labels = {0: "negative", 1: "positive"}
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
model = AutoModelForSequenceClassification.from_pretrained(checkpoint, num_labels=2, id2label=labels)

data = load_dataset("shawhin/imdb-truncated")
data = data.map(lambda rows: tokenizer(rows["text"], truncation=True, max_length=512), batched=True)

peft_config = LoraConfig(  # expect: PEFT208
    r=4,
    lora_alpha=32,
    lora_dropout=0.01,
    target_modules=["q_lin"],
)
model = get_peft_model(model, peft_config)
model.print_trainable_parameters()

trainer = Trainer(
    model=model,
    args=TrainingArguments(output_dir="imdb-lora", learning_rate=1e-3, num_train_epochs=10, eval_strategy="epoch"),
    train_dataset=data["train"],
    eval_dataset=data["validation"],
    processing_class=tokenizer,
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=lambda p: {"accuracy": float((np.argmax(p.predictions, 1) == p.label_ids).mean())},
)
trainer.train()
model.save_pretrained("imdb-lora/final")
