"""Trainer is used for prediction; the adapter is to stay frozen."""
import numpy as np
from datasets import load_dataset
from peft import PeftConfig, PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments


def metrics(prediction):
    guesses = np.argmax(prediction.predictions, axis=-1)
    return {"accuracy": float((guesses == prediction.label_ids).mean())}


adapter = "out/mnli-lora"
config = PeftConfig.from_pretrained(adapter)
tokenizer = AutoTokenizer.from_pretrained(config.base_model_name_or_path)
model = AutoModelForSequenceClassification.from_pretrained(config.base_model_name_or_path, num_labels=3)
model = PeftModel.from_pretrained(model, adapter)

data = load_dataset("nyu-mll/glue", "mnli")
data = data.map(lambda rows: tokenizer(rows["premise"], rows["hypothesis"], truncation=True), batched=True)

trainer = Trainer(
    model=model,
    args=TrainingArguments(output_dir="tmp", per_device_eval_batch_size=64, report_to="none"),
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=metrics,
)
for split in ("validation_matched", "validation_mismatched"):
    print(split, trainer.evaluate(data[split]))
predictions = trainer.predict(data["test_matched"])
np.save("predictions.npy", predictions.predictions.argmax(-1))
