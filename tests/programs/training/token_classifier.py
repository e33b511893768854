import numpy as np
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, AutoTokenizer, DataCollatorForTokenClassification, Trainer, TrainingArguments

checkpoint = "roberta-large"
tokenizer = AutoTokenizer.from_pretrained(checkpoint, add_prefix_space=True)
raw = load_dataset("tner/bionlp2004")
names = ["O", "B-DNA", "I-DNA", "B-protein", "I-protein", "B-cell_type", "I-cell_type"]


def tokenize(rows):
    batch = tokenizer(rows["tokens"], truncation=True, is_split_into_words=True)
    batch["labels"] = []
    for i, tags in enumerate(rows["tags"]):
        words = batch.word_ids(batch_index=i)
        batch["labels"].append([-100 if w is None else tags[w] for w in words])
    return batch


model = AutoModelForTokenClassification.from_pretrained(checkpoint, num_labels=len(names))
peft_config = LoraConfig(task_type=TaskType.TOKEN_CLS, r=16, lora_alpha=16, lora_dropout=0.1, bias="all")
model = get_peft_model(model, peft_config)

data = raw.map(tokenize, batched=True)
trainer = Trainer(
    model=model,
    args=TrainingArguments(output_dir="ner", learning_rate=1e-3, num_train_epochs=5, weight_decay=0.01),
    train_dataset=data["train"],
    eval_dataset=data["validation"],
    processing_class=tokenizer,
    data_collator=DataCollatorForTokenClassification(tokenizer),
)
trainer.train()
print(np.mean([o["eval_loss"] for o in [trainer.evaluate()]]))
model.save_pretrained("ner/final")
