# Train an intent classifier with LoRA and save the adapter.
import argparse

import evaluate
import numpy as np
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="bert-base-uncased")
    ap.add_argument("--out", default="intent-lora")
    ap.add_argument("--seed", type=int, default=13)
    args = ap.parse_args()
    set_seed(args.seed)

    ds = load_dataset("banking77")
    names = ds["train"].features["label"].names
    tok = AutoTokenizer.from_pretrained(args.model)
    ds = ds.map(lambda b: tok(b["text"], truncation=True, max_length=64), batched=True)

    model = AutoModelForSequenceClassification.from_pretrained(
        args.model,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
    )
    lora = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.1, target_modules=["query", "key", "value"])  # expect: PEFT208
    model = get_peft_model(model, lora)
    model.print_trainable_parameters()

    metric = evaluate.load("accuracy")
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            args.out,
            learning_rate=5e-4,
            per_device_train_batch_size=32,
            num_train_epochs=5,
            eval_strategy="epoch",
            report_to="none",
        ),
        train_dataset=ds["train"],
        eval_dataset=ds["test"],
        data_collator=DataCollatorWithPadding(tok),
        compute_metrics=lambda p: metric.compute(predictions=np.argmax(p.predictions, -1), references=p.label_ids),
    )
    trainer.train()
    print(trainer.evaluate())
    model.save_pretrained(args.out)
    tok.save_pretrained(args.out)


if __name__ == "__main__":
    main()
