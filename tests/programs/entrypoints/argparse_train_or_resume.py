#!/usr/bin/env python
"""Fine-tune, from scratch or from an adapter."""
import argparse

from datasets import load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="facebook/opt-350m")
    parser.add_argument("--resume", metavar="ADAPTER")
    parser.add_argument("--freeze", action="store_true", help="evaluate only")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--target-modules", nargs="*", default=["q_proj", "v_proj"])
    parser.add_argument("--out", default="out")
    return parser.parse_args()


def main(args):
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model)
    if args.resume is not None:
        model = PeftModel.from_pretrained(model, args.resume, is_trainable=not args.freeze)
    else:
        config = LoraConfig(r=args.rank, target_modules=args.target_modules, task_type="CAUSAL_LM")
        model = get_peft_model(model, config)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=args.out),
        train_dataset=load_from_disk("data/train"),
        eval_dataset=load_from_disk("data/dev"),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
    )
    if args.freeze:
        print(trainer.evaluate())
        return
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main(parse_args())
