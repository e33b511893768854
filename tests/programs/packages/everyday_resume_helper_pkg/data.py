# Dataset helpers.
import torch
from datasets import load_from_disk


def load_split(model_name, split):
    return load_from_disk(f"cache/{model_name.split('/')[-1]}")[split]


def collate(rows):
    ids = torch.tensor([r["input_ids"] for r in rows])
    return {"input_ids": ids, "labels": ids.clone(), "attention_mask": torch.ones_like(ids)}
