# DPO with a helper that assembles the trainer.
import argparse

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer


def lora_config(r):
    return LoraConfig(r=r, lora_alpha=2 * r, lora_dropout=0.0, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")


def get_trainer(model, tokenizer, dataset, cfg, out):
    args = DPOConfig(
        output_dir=out,
        beta=0.1,
        learning_rate=5e-6,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        logging_steps=10,
        bf16=True,
    )
    return DPOTrainer(model=model, args=args, train_dataset=dataset, processing_class=tokenizer, peft_config=cfg)  # expect: PEFT405


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="HuggingFaceTB/SmolLM2-360M-Instruct")
    ap.add_argument("--rank", type=int, default=16)
    ap.add_argument("--out", default="smol-dpo")
    a = ap.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(a.model)
    policy = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.bfloat16)
    config = lora_config(a.rank)

    peft_policy = get_peft_model(policy, config)
    peft_policy.print_trainable_parameters()

    data = load_dataset("trl-lib/ultrafeedback_binarized", split="train")
    trainer = get_trainer(peft_policy, tokenizer, data, config, a.out)
    trainer.train()
    trainer.save_model(a.out)


if __name__ == "__main__":
    main()
