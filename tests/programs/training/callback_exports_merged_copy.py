"""A copy is merged and saved; the model that is trained goes on as it was."""

import copy
from pathlib import Path

from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForTokenClassification, Trainer, TrainerCallback, TrainingArguments


class Export(TrainerCallback):
    def on_evaluate(self, args, state, control, model=None, metrics=None, **kwargs):
        if metrics and metrics["eval_loss"] < 0.1:
            merged = copy.deepcopy(model).merge_and_unload()
            merged.save_pretrained(Path(args.output_dir) / f"whole-{state.global_step}")


def main(train, test):
    model = AutoModelForTokenClassification.from_pretrained("bert-base-cased", num_labels=5)
    model = get_peft_model(model, LoraConfig(task_type=TaskType.TOKEN_CLS, r=8))
    trainer = Trainer(
        model, TrainingArguments("runs/ner"), train_dataset=train, eval_dataset=test, callbacks=[Export()]
    )
    trainer.train()
    model.save_pretrained("runs/ner/adapter")
