#!/usr/bin/env python
"""Second stage: continue training the adapter of the first stage on other data."""
import argparse

from datasets import load_from_disk
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments


def load(args):
    model = AutoModelForCausalLM.from_pretrained(args.model)
    print("Resuming from", args.stage1)
    model = PeftModel.from_pretrained(  # expect: PEFT401
        model,
        args.stage1,
        is_trainable=False,
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="facebook/opt-350m")
    parser.add_argument("--stage1", required=True)
    parser.add_argument("--out", default="out/stage2")
    parser.add_argument("--epochs", type=float, default=1)
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    trainer = Trainer(
        model=load(args),
        args=TrainingArguments(output_dir=args.out, num_train_epochs=args.epochs),
        train_dataset=load_from_disk("data/stage2"),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
