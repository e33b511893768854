import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModel


class Retriever(nn.Module):
    def __init__(self, name, dim=128):
        super().__init__()
        encoder = AutoModel.from_pretrained(name)
        self.encoder = get_peft_model(encoder, LoraConfig(r=8, target_modules=["query", "value"]))
        self.proj = nn.Linear(encoder.config.hidden_size, dim)

    def forward(self, **batch):
        return self.proj(self.encoder(**batch).last_hidden_state[:, 0])


def train(loader):
    model = Retriever("bge")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for batch, target in loader:
        loss = nn.functional.mse_loss(model(**batch), target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.save(model.state_dict(), "retriever.pt")
