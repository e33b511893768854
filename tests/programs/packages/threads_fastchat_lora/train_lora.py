# Usage: torchrun --nproc_per_node 1 train_lora.py --output_dir ./checkpoints --gradient_checkpointing True --fp16 True
import pathlib
import typing
from dataclasses import dataclass, field

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import Trainer

from data import make_supervised_data_module


@dataclass
class ModelArguments:
    model_name_or_path: str = field(default="lmsys/vicuna-7b-v1.5")


@dataclass
class DataArguments:
    data_path: str = field(default="data/dummy_conversation.json")


@dataclass
class LoraArguments:
    lora_r: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.05
    lora_target_modules: typing.List[str] = field(default_factory=lambda: ["q_proj", "v_proj"])


def train():
    parser = transformers.HfArgumentParser((ModelArguments, DataArguments, LoraArguments))
    model_args, data_args, lora_args = parser.parse_args_into_dataclasses()
    training_args = transformers.TrainingArguments(
        output_dir="./checkpoints",
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        num_train_epochs=3,
        learning_rate=2e-5,
        bf16=True,
        gradient_checkpointing=True,  # expect: PEFT404
        logging_steps=1,
        report_to="none",
    )

    model = transformers.AutoModelForCausalLM.from_pretrained(model_args.model_name_or_path, torch_dtype=torch.bfloat16)
    model.config.use_cache = False
    lora_config = LoraConfig(
        r=lora_args.lora_r,
        lora_alpha=lora_args.lora_alpha,
        target_modules=lora_args.lora_target_modules,
        lora_dropout=lora_args.lora_dropout,
        bias="none",
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, lora_config)
    model.print_trainable_parameters()

    tokenizer = transformers.AutoTokenizer.from_pretrained(model_args.model_name_or_path, model_max_length=1024, padding_side="right", use_fast=False)
    tokenizer.pad_token = tokenizer.unk_token

    trainer = Trainer(model=model, tokenizer=tokenizer, args=training_args, **make_supervised_data_module(tokenizer, data_args.data_path))
    if list(pathlib.Path(training_args.output_dir).glob("checkpoint-*")):
        trainer.train(resume_from_checkpoint=True)
    else:
        trainer.train()
    model.save_pretrained(training_args.output_dir)


if __name__ == "__main__":
    train()
