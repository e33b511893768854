# Reward-style scorer: Llama with a scalar head, LoRA and a saved head.
import argparse

import torch
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

TARGETS = {
    "attn": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"],
    "mlp": r".*\.mlp\.(gate|up|down)_proj",
    "all": "all-linear",
}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="meta-llama/Llama-3.2-1B")
    ap.add_argument("--targets", choices=TARGETS, default="attn")
    ap.add_argument("--out", default="scorer")
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.model)
    tok.pad_token = tok.eos_token
    model = AutoModelForSequenceClassification.from_pretrained(args.model, num_labels=1, dtype=torch.bfloat16)
    model.config.pad_token_id = tok.pad_token_id
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=16,
        lora_alpha=32,
        lora_dropout=0.05,
        target_modules=TARGETS[args.targets],
        modules_to_save=["score"],
    )
    model = get_peft_model(model, config)
    model.print_trainable_parameters()

    ds = load_dataset("json", data_files="ratings.jsonl", split="train")
    ds = ds.map(lambda r: {**tok(r["text"], truncation=True, max_length=512), "labels": float(r["rating"])}, remove_columns=ds.column_names)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(args.out, per_device_train_batch_size=8, learning_rate=1e-4, num_train_epochs=2, bf16=True),
        train_dataset=ds,
        data_collator=DataCollatorWithPadding(tok),
    )
    trainer.train()
    model.save_pretrained(args.out)


if __name__ == "__main__":
    main()
