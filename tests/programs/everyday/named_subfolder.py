# Fine-tune a NER adapter and reload it for a sanity check.
from datasets import load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
)

BASE = "xlm-roberta-base"
OUT = "adapters/multi"

tok = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForTokenClassification.from_pretrained(BASE, num_labels=9)
config = LoraConfig(task_type="TOKEN_CLS", r=16, lora_alpha=32, target_modules=["query", "value"])
model = get_peft_model(model, config, adapter_name="ner")

data = load_from_disk("data/conll-tok")
trainer = Trainer(
    model=model,
    args=TrainingArguments("tmp", per_device_train_batch_size=16, num_train_epochs=3, learning_rate=3e-4),
    train_dataset=data["train"],
    data_collator=DataCollatorForTokenClassification(tok),
)
trainer.train()
model.save_pretrained(OUT)

check = AutoModelForTokenClassification.from_pretrained(BASE, num_labels=9)
check = PeftModel.from_pretrained(check, OUT)  # expect: PEFT508
evaluator = Trainer(
    model=check,
    args=TrainingArguments("tmp-eval"),
    eval_dataset=data["validation"],
    data_collator=DataCollatorForTokenClassification(tok),
)
print(evaluator.evaluate())
