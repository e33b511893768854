import bottleneck
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments

model = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=3)
bottleneck.init(model)
model.add_adapter("mnli")
model.add_adapter("sst", config="houlsby")
model.add_adapter("mnli", config="pfeiffer")
model.train_adapter("mnli")
Trainer(model=model, args=TrainingArguments("out"), train_dataset=None).train()
