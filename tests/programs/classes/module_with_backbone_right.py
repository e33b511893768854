"""A classifier of our own on top of an adapted backbone; the head is saved beside the adapter."""
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from transformers import AutoModel


class Classifier(nn.Module):
    def __init__(self, name, labels, folder=None):
        super().__init__()
        backbone = AutoModel.from_pretrained(name)
        self.head = nn.Linear(backbone.config.hidden_size, labels)
        if folder:
            self.backbone = PeftModel.from_pretrained(backbone, folder)
            self.head.load_state_dict(torch.load(os.path.join(folder, "head.pt")))
        else:
            self.backbone = get_peft_model(backbone, LoraConfig(r=8, target_modules=["query", "value"]))

    def forward(self, input_ids, attention_mask):
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(hidden[:, 0])

    def save(self, folder):
        self.backbone.save_pretrained(folder)
        torch.save(self.head.state_dict(), os.path.join(folder, "head.pt"))


def fit(model, loader):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model.train()
    for batch, labels in loader:
        loss = nn.functional.cross_entropy(model(**batch), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


model = Classifier("bert-base-uncased", 5)
fit(model, torch.load("loader.pt", weights_only=False))
model.save("out/classifier")
restored = Classifier("bert-base-uncased", 5, "out/classifier").eval()
