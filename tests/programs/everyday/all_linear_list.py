# SFT of a small chat model with LoRA on every linear layer (plain PyTorch + Accelerate).
import argparse

import torch
from accelerate import Accelerator
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, get_cosine_schedule_with_warmup


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="HuggingFaceTB/SmolLM2-135M")
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--bs", type=int, default=8)
    p.add_argument("--out", default="smol-lora")
    return p.parse_args()


def main():
    args = get_args()
    accelerator = Accelerator()
    tok = AutoTokenizer.from_pretrained(args.model)
    tok.pad_token = tok.eos_token
    model = AutoModelForCausalLM.from_pretrained(args.model)

    peft_config = LoraConfig(
        task_type="CAUSAL_LM",
        r=32,
        lora_alpha=64,
        lora_dropout=0.05,
        target_modules=["all-linear"],  # expect: PEFT206
    )
    model = get_peft_model(model, peft_config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=args.lr)

    ds = load_dataset("HuggingFaceH4/no_robots", split="train")
    ds = ds.map(
        lambda r: tok("\n".join(m["content"] for m in r["messages"]), truncation=True, max_length=512),
        remove_columns=ds.column_names,
    )
    loader = DataLoader(ds, batch_size=args.bs, shuffle=True, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))
    sched = get_cosine_schedule_with_warmup(optimizer, 100, len(loader))
    model, optimizer, loader, sched = accelerator.prepare(model, optimizer, loader, sched)

    model.train()
    for batch in loader:
        loss = model(**batch).loss
        accelerator.backward(loss)
        optimizer.step()
        sched.step()
        optimizer.zero_grad()

    accelerator.wait_for_everyone()
    accelerator.unwrap_model(model).save_pretrained(args.out)


if __name__ == "__main__":
    main()
