# Resume LoRA training of a causal LM from the last checkpoint.
import argparse
import os

from datasets import load_dataset
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)


def load_policy(args):
    model = AutoModelForCausalLM.from_pretrained(args.model)
    print(f"Resuming adapter from {args.resume}")
    return PeftModel.from_pretrained(model, args.resume, is_trainable=True)


def build_dataset(tok, path, block):
    ds = load_dataset("json", data_files=path, split="train")
    return ds.map(lambda b: tok(b["text"], truncation=True, max_length=block), batched=True, remove_columns=ds.column_names)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="EleutherAI/pythia-410m")
    ap.add_argument("--resume", required=True)
    ap.add_argument("--data", default="data/train.jsonl")
    ap.add_argument("--out", default="out")
    ap.add_argument("--rank", type=int, default=8)
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.model)
    tok.pad_token = tok.eos_token

    model = load_policy(args)
    lora = LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules=["query_key_value"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)  # expect: PEFT103
    model.print_trainable_parameters()

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=args.out,
            per_device_train_batch_size=4,
            learning_rate=1e-4,
            num_train_epochs=1,
            logging_steps=20,
            report_to="none",
        ),
        train_dataset=build_dataset(tok, args.data, 512),
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    trainer.train()
    model.save_pretrained(os.path.join(args.out, "final"))


if __name__ == "__main__":
    main()
