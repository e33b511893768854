# GRPO on GSM8K starting from an SFT adapter.
import re

import torch
from datasets import load_dataset
from peft import AutoPeftModelForCausalLM
from trl import GRPOConfig, GRPOTrainer

SFT_ADAPTER = "runs/qwen-gsm8k-sft"


def extract(text):
    m = re.search(r"####\s*(-?[\d,]+)", text)
    return m.group(1).replace(",", "") if m else None


def correctness(completions, answer, **kwargs):
    return [1.0 if extract(c) == extract(a) else 0.0 for c, a in zip(completions, answer)]


def main():
    dataset = load_dataset("openai/gsm8k", "main", split="train")
    dataset = dataset.map(lambda x: {"prompt": "Q: " + x["question"] + "\nA:"})

    model = AutoPeftModelForCausalLM.from_pretrained(SFT_ADAPTER, dtype=torch.bfloat16)  # expect: PEFT401

    cfg = GRPOConfig(
        output_dir="runs/qwen-gsm8k-grpo",
        learning_rate=5e-6,
        num_generations=8,
        max_completion_length=256,
        per_device_train_batch_size=8,
        logging_steps=5,
        beta=0.0,
    )
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=correctness,
        args=cfg,
        train_dataset=dataset,
    )
    trainer.train()
    trainer.save_model(cfg.output_dir)


if __name__ == "__main__":
    main()
