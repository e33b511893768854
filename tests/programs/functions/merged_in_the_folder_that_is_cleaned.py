"""The adapter's files are taken out of the folder once the merged model is in it; the folder's name is an object's."""

import os
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class Folder(os.PathLike):
    def __init__(self, name):
        self.name = name

    def __fspath__(self):
        return self.name

    __str__ = __fspath__


class Job:
    def __init__(self, model="base", project_name="project", merge=True):
        self.model = model
        self.project_name = Folder(project_name)
        self.merge = merge


def merge_adapter(base_path, target_path, adapter_path):
    model = AutoModelForCausalLM.from_pretrained(base_path, dtype=torch.float16)
    model = PeftModel.from_pretrained(model, adapter_path)
    model = model.merge_and_unload()
    model.save_pretrained(target_path)


def after_training(job, trainer):
    trainer.save_model(job.project_name)
    if job.merge:
        try:
            del trainer
            merge_adapter(base_path=job.model, target_path=job.project_name, adapter_path=job.project_name)
            for file in os.listdir(job.project_name):
                if file.startswith("adapter_"):
                    os.remove(f"{job.project_name}/{file}")
        except Exception as error:
            print(f"not merged: {error}")


def train(job, data):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(job.model), LoraConfig(task_type="CAUSAL_LM"))
    trainer = Trainer(model, TrainingArguments(job.project_name), train_dataset=data)
    trainer.train()
    after_training(job, trainer)


if __name__ == "__main__":
    train(Job("base", sys.argv[1]), torch.load(sys.argv[2]))
