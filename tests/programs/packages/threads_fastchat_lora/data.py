import json

import torch
from torch.utils.data import Dataset

IGNORE = -100


def render(conv):
    sys = "A chat between a curious user and an artificial intelligence assistant. "
    return sys + " ".join(("USER: " if t["from"] == "human" else "ASSISTANT: ") + t["value"] for t in conv)


class SupervisedDataset(Dataset):
    def __init__(self, raw, tok):
        enc = tok([render(r["conversations"]) for r in raw], return_tensors="pt", padding="max_length", truncation=True)
        self.ids, self.mask = enc.input_ids, enc.attention_mask
        self.labels = self.ids.masked_fill(self.mask == 0, IGNORE)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return dict(input_ids=self.ids[i], labels=self.labels[i], attention_mask=self.mask[i])


def make_supervised_data_module(tok, path):
    return dict(train_dataset=SupervisedDataset(json.load(open(path)), tok), eval_dataset=None)
