from pathlib import Path

from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, Trainer, TrainerCallback, TrainingArguments


class Export(TrainerCallback):
    def on_save(self, args, state, control, model=None, **kwargs):
        model.save_pretrained(Path(args.output_dir) / "adapter")

    def on_train_end(self, args, state, control, model=None, **kwargs):
        whole = model.get_base_model()
        whole.save_pretrained(Path(args.output_dir) / "whole")  # expect: PEFT509


def main(train):
    model = AutoModelForTokenClassification.from_pretrained("bert-base-cased", num_labels=5)
    model = get_peft_model(model, LoraConfig(task_type=TaskType.TOKEN_CLS, r=8))
    Trainer(model, TrainingArguments("runs/ner"), train_dataset=train, callbacks=[Export]).train()
