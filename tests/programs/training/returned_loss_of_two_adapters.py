"""The loss is made in a module of its own, and goes backward where that is trained."""
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModel


class Pair(nn.Module):
    def __init__(self, name="BAAI/bge-small-en-v1.5"):
        super().__init__()
        self.encoder = get_peft_model(AutoModel.from_pretrained(name), LoraConfig(r=8), adapter_name="query")
        self.encoder.add_adapter("document", LoraConfig(r=8))

    def embed(self, batch):
        return F.normalize(self.encoder(**batch).last_hidden_state[:, 0], dim=-1)

    def forward(self, queries, documents):
        self.encoder.set_adapter("query")
        left = self.embed(queries)
        self.encoder.set_adapter("document")  # expect: PEFT407
        right = self.embed(documents)
        return F.cross_entropy(left @ right.T / 0.05, torch.arange(len(left), device=left.device))


def fit(pair, loader):
    optimizer = torch.optim.AdamW((p for n, p in pair.named_parameters() if "lora_" in n), lr=2e-4)
    for queries, documents in loader:
        pair(queries, documents).backward()
        optimizer.step()
        optimizer.zero_grad()
