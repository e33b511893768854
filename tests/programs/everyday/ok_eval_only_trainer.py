# Score a saved classification adapter on the test split.
import numpy as np
from datasets import load_dataset
from peft import PeftModel
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

tok = AutoTokenizer.from_pretrained("roberta-base")
base = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=4)
model = PeftModel.from_pretrained(base, "adapters/agnews")

ds = load_dataset("ag_news", split="test").map(lambda r: tok(r["text"], truncation=True), batched=True)


def metrics(p):
    return {"accuracy": float((np.argmax(p.predictions, -1) == p.label_ids).mean())}


trainer = Trainer(
    model=model,
    args=TrainingArguments("eval-out", per_device_eval_batch_size=64, report_to="none"),
    eval_dataset=ds,
    data_collator=DataCollatorWithPadding(tok),
    compute_metrics=metrics,
)
print(trainer.evaluate())
pred = trainer.predict(ds)
np.save("pred.npy", pred.predictions)
