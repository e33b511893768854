import os

from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, AutoTokenizer, DataCollatorForTokenClassification, Trainer, TrainingArguments

CKPT = "dslim/distilbert-NER"
OUT = os.path.join("models", "ner_lora")

tok = AutoTokenizer.from_pretrained(CKPT)
ds = load_dataset("json", data_files={"train": "ner_train.json", "test": "ner_test.json"})


def align(b):
    enc = tok(b["tokens"], truncation=True, is_split_into_words=True)
    enc["labels"] = [[-100 if w is None else tags[w] for w in enc.word_ids(i)] for i, tags in enumerate(b["tags"])]
    return enc


ds = ds.map(align, batched=True, remove_columns=["tokens", "tags"])
model = AutoModelForTokenClassification.from_pretrained(CKPT)
cfg = LoraConfig(task_type=TaskType.TOKEN_CLS, r=16, lora_alpha=16, lora_dropout=0.1, target_modules=["q_lin", "v_lin"])
model = get_peft_model(model, cfg, adapter_name="ner")
trainer = Trainer(
    model=model,
    args=TrainingArguments("runs/ner", per_device_train_batch_size=16, num_train_epochs=5, learning_rate=1e-3, eval_strategy="epoch"),
    train_dataset=ds["train"],
    eval_dataset=ds["test"],
    data_collator=DataCollatorForTokenClassification(tok),
)
trainer.train()
model.save_pretrained(OUT)

# sanity: reload
from peft import PeftModel

again = AutoModelForTokenClassification.from_pretrained(CKPT)
again = PeftModel.from_pretrained(again, OUT)  # expect: PEFT508
print(Trainer(model=again, args=TrainingArguments("runs/tmp"), eval_dataset=ds["test"], data_collator=DataCollatorForTokenClassification(tok)).evaluate())
