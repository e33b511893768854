"""A new run with the hyper-parameters of an old one: the config is a template, the weights are to be new."""
import os

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, default_data_collator

BASE = os.environ.get("BASE_MODEL", "bigscience/bloom-560m")


def settings_of(run_dir, rank=None):
    config = LoraConfig.from_pretrained(run_dir)
    config.inference_mode = False
    if rank is not None:
        config.r = rank
        config.lora_alpha = 2 * rank
    return config


def rerun(run_dir, dataset, rank=32):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    model = get_peft_model(base, settings_of(run_dir, rank))
    model.print_trainable_parameters()
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=f"{run_dir}-r{rank}", learning_rate=2e-4),
        train_dataset=dataset,
        data_collator=default_data_collator,
    )
    trainer.train()
    model.save_pretrained(f"{run_dir}-r{rank}/final")
    return model
