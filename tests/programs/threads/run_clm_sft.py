#!/usr/bin/env python
"""SFT with an optional already (pre)trained LoRA: --peft_path output/pt/pt_lora_model"""
import logging
import os
from dataclasses import dataclass, field
from typing import Optional

import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq, HfArgumentParser, Trainer, TrainingArguments, set_seed

logger = logging.getLogger(__name__)
PROMPT = "[INST] <<SYS>>\nYou are a helpful assistant. 你是一个乐于助人的助手。\n<</SYS>>\n\n{instruction} [/INST]"


@dataclass
class ModelArguments:
    model_name_or_path: str = field(default="hfl/chinese-llama-2-1.3b")
    peft_path: Optional[str] = field(default=None)
    trainable: str = field(default="q_proj,v_proj")
    lora_rank: int = field(default=8)
    lora_alpha: float = field(default=32.0)


@dataclass
class DataArguments:
    dataset_dir: str = field(default="data/sft")
    max_seq_len: int = field(default=512)


def main():
    parser = HfArgumentParser((ModelArguments, DataArguments, TrainingArguments))
    model_args, data_args, training_args = parser.parse_args_into_dataclasses()
    logging.basicConfig(level=logging.INFO)
    set_seed(training_args.seed)

    tokenizer = AutoTokenizer.from_pretrained(model_args.model_name_or_path)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

    def build(ex):
        src = tokenizer(PROMPT.format_map(ex))["input_ids"]
        tgt = tokenizer(ex["output"], add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
        ids = (src + tgt)[: data_args.max_seq_len]
        labels = ([-100] * len(src) + tgt)[: data_args.max_seq_len]
        return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels}

    data = load_dataset("json", data_dir=data_args.dataset_dir, split="train")
    data = data.map(build, remove_columns=data.column_names)

    model = AutoModelForCausalLM.from_pretrained(model_args.model_name_or_path, torch_dtype=torch.bfloat16)

    if model_args.peft_path is not None:
        logger.info("Peft from pre-trained model")
        model = PeftModel.from_pretrained(model, model_args.peft_path)  # expect: PEFT401
    else:
        logger.info("Init new peft model")
        peft_config = LoraConfig(
            task_type=TaskType.CAUSAL_LM,
            target_modules=model_args.trainable.split(","),
            r=model_args.lora_rank,
            lora_alpha=model_args.lora_alpha,
            lora_dropout=0.05,
        )
        model = get_peft_model(model, peft_config)
    model.print_trainable_parameters()

    trainer = Trainer(model=model, args=training_args, train_dataset=data, data_collator=DataCollatorForSeq2Seq(tokenizer, padding=True))
    trainer.train()
    model.save_pretrained(os.path.join(training_args.output_dir, "sft_lora_model"))


if __name__ == "__main__":
    main()
