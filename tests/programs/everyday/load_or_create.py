# LoRA training that continues from an adapter when one is given.
import argparse
import os

import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)


def make_model(args):
    quant = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
    model = AutoModelForCausalLM.from_pretrained(args.base, quantization_config=quant, device_map="auto")
    model = prepare_model_for_kbit_training(model)
    if args.adapter and os.path.exists(os.path.join(args.adapter, "adapter_config.json")):
        print("continuing from", args.adapter)
        model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)
    else:
        lora = LoraConfig(
            r=args.r,
            lora_alpha=args.r,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            task_type="CAUSAL_LM",
        )
        model = get_peft_model(model, lora)
    model.print_trainable_parameters()
    return model


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="mistralai/Mistral-7B-v0.3")
    ap.add_argument("--adapter", default=None)
    ap.add_argument("--r", type=int, default=16)
    ap.add_argument("--out", default="qlora-out")
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    tok.pad_token = tok.unk_token
    model = make_model(args)
    ds = load_dataset("tatsu-lab/alpaca", split="train[:5%]")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=512), remove_columns=ds.column_names)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(args.out, per_device_train_batch_size=4, bf16=True, num_train_epochs=1),
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    trainer.train()
    trainer.save_model(args.out)


if __name__ == "__main__":
    main()
