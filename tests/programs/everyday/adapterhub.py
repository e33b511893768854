# Train a task adapter with the AdapterHub library.
import numpy as np
from adapters import AdapterTrainer, AutoAdapterModel, LoRAConfig
from datasets import load_dataset
from transformers import AutoTokenizer, TrainingArguments

BASE = "roberta-base"


def main():
    tok = AutoTokenizer.from_pretrained(BASE)
    ds = load_dataset("rotten_tomatoes")
    ds = ds.map(lambda b: tok(b["text"], max_length=80, truncation=True, padding="max_length"), batched=True)
    ds = ds.rename_column("label", "labels")
    ds.set_format(type="torch", columns=["input_ids", "attention_mask", "labels"])

    model = AutoAdapterModel.from_pretrained(BASE)
    model.add_adapter("rotten", config=LoRAConfig(r=8, alpha=16))
    model.add_classification_head("rotten", num_labels=2)
    model.train_adapter("rotten")
    model.set_active_adapters("rotten")

    trainer = AdapterTrainer(
        model=model,
        args=TrainingArguments("out", learning_rate=1e-4, num_train_epochs=3, per_device_train_batch_size=32, remove_unused_columns=False),
        train_dataset=ds["train"],
        eval_dataset=ds["validation"],
        compute_metrics=lambda p: {"acc": float((np.argmax(p.predictions, axis=1) == p.label_ids).mean())},
    )
    trainer.train()
    print(trainer.evaluate())
    model.save_adapter("out/rotten", "rotten")
    model.load_adapter("sentiment/sst-2@ukp", set_active=True)


if __name__ == "__main__":
    main()
