"""Trains an adapter with a name of its own; `serve.py` is another program."""
import torch
from peft import LoraConfig, TaskType, get_peft_model
from settings import BASE, OUT_DIR
from transformers import AutoModelForTokenClassification, Trainer, TrainingArguments


def main():
    base = AutoModelForTokenClassification.from_pretrained(BASE, num_labels=7)
    model = get_peft_model(base, LoraConfig(task_type=TaskType.TOKEN_CLS, r=16), adapter_name="ner")
    data = torch.load("train.pt", weights_only=False)
    Trainer(model=model, args=TrainingArguments("tmp_ner", num_train_epochs=3), train_dataset=data).train()
    model.save_pretrained(OUT_DIR)


if __name__ == "__main__":
    main()
