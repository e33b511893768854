# Entry point of the package: builds the model and runs the Trainer.
import argparse

from transformers import Trainer, TrainingArguments

from data import collate, load_split
from modeling import create_model


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="mistralai/Mistral-7B-v0.3")
    p.add_argument("--resume-adapter", default=None)
    p.add_argument("--out", default="out")
    return p.parse_args()


def main():
    args = parse_args()
    model = create_model(args.model, resume=args.resume_adapter)
    model.print_trainable_parameters()
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=args.out, per_device_train_batch_size=2, bf16=True, num_train_epochs=3),
        train_dataset=load_split(args.model, "train"),
        data_collator=collate,
    )
    trainer.train()
    model.save_pretrained(args.out)


if __name__ == "__main__":
    main()
