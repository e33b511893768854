# Benchmark accuracy and latency of a LoRA variant of a classifier.
import time

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer

NAME = "textattack/bert-base-uncased-SST-2"
device = "cuda" if torch.cuda.is_available() else "cpu"
tok = AutoTokenizer.from_pretrained(NAME)
ds = load_dataset("glue", "sst2", split="validation")


def collate(rows):
    enc = tok([r["sentence"] for r in rows], padding=True, truncation=True, return_tensors="pt")
    enc["labels"] = torch.tensor([r["label"] for r in rows])
    return enc


@torch.no_grad()
def bench(model, label):
    model.to(device).eval()
    right, n, t0 = 0, 0, time.perf_counter()
    for batch in DataLoader(ds, batch_size=64, collate_fn=collate):
        batch = batch.to(device)
        pred = model(**batch).logits.argmax(-1)
        right += (pred == batch["labels"]).sum().item()
        n += len(pred)
    print(f"{label}: acc {right / n:.4f}  {n / (time.perf_counter() - t0):.1f} samples/s")


model = AutoModelForSequenceClassification.from_pretrained(NAME)
bench(model, "base")

config = LoraConfig(task_type="SEQ_CLS", r=16, lora_alpha=32, lora_dropout=0.1, target_modules=["query", "value"])
lora_model = get_peft_model(model, config)
bench(lora_model, "lora")  # expect: PEFT201
