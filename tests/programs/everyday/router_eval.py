# Evaluate several LoRA checkpoints on a held-out set by mean loss.
import argparse
import csv
import os
import time

import torch
from datasets import load_dataset
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling


@torch.no_grad()
def mean_loss(model, loader, device):
    total, batches = 0.0, 0
    for batch in loader:
        batch = {k: v.to(device) for k, v in batch.items()}
        total += model(**batch).loss.item()
        batches += 1
    return total / max(batches, 1)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="facebook/opt-1.3b")
    ap.add_argument("--first", default="runs/opt/checkpoint-100")
    ap.add_argument("--others", nargs="+", default=["runs/opt/checkpoint-200", "runs/opt/checkpoint-300"])
    ap.add_argument("--data", default="data/heldout.jsonl")
    ap.add_argument("--csv", default="losses.csv")
    args = ap.parse_args()

    device = "cuda" if torch.cuda.is_available() else "cpu"
    tok = AutoTokenizer.from_pretrained(args.base)
    ds = load_dataset("json", data_files=args.data, split="train")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=512), remove_columns=ds.column_names)
    loader = DataLoader(ds, batch_size=8, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))

    base = AutoModelForCausalLM.from_pretrained(args.base).to(device)
    model = PeftModel.from_pretrained(base, args.first, adapter_name="first")
    rows = [("first", mean_loss(model, loader, device))]

    for path in args.others:
        name = os.path.basename(path)
        t0 = time.time()
        model.load_adapter(path, adapter_name=name)  # expect: PEFT105
        loss = mean_loss(model, loader, device)
        print(f"{name}: {loss:.4f} ({time.time() - t0:.1f}s)")
        rows.append((name, loss))

    with open(args.csv, "w", newline="") as fh:
        csv.writer(fh).writerows([("adapter", "loss"), *rows])


if __name__ == "__main__":
    main()
