"""A classifier of our own on top of an adapted backbone."""
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModel, AutoTokenizer


class Classifier(nn.Module):
    def __init__(self, name, labels, lora=True):
        super().__init__()
        self.backbone = AutoModel.from_pretrained(name)
        self.head = nn.Linear(self.backbone.config.hidden_size, labels)
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=1e-4)  # expect: PEFT403
        config = LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"])
        self.backbone = get_peft_model(self.backbone, config)

    def forward(self, input_ids, attention_mask):
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(hidden[:, 0])

    def fit(self, loader):
        self.train()
        for batch, labels in loader:
            loss = nn.functional.cross_entropy(self(**batch), labels)
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()


model = Classifier("bert-base-uncased", 5)
model.fit(torch.load("loader.pt", weights_only=False))
model.backbone.save_pretrained("out/backbone")
torch.save(model.head.state_dict(), "out/head.pt")
