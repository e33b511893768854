"""A PreTrainedModel of our own, and PEFT on it."""
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from transformers import BertConfig, BertModel, PreTrainedModel


class Scorer(PreTrainedModel):
    config_class = BertConfig

    def __init__(self, config):
        super().__init__(config)
        self.encoder = BertModel(config)
        self.score = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids, attention_mask=None, labels=None):
        pooled = self.encoder(input_ids, attention_mask=attention_mask).last_hidden_state[:, 0]
        return self.score(pooled)


def fresh():
    return Scorer(BertConfig.from_pretrained("bert-base-uncased"))


def train(batches):
    model = get_peft_model(fresh(), LoraConfig(r=4, target_modules=["query"], modules_to_save=["score"]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for batch, wanted in batches:
        nn.functional.mse_loss(model(**batch), wanted).backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out/scorer")


def continue_training(batches):
    model = PeftModel.from_pretrained(fresh(), "out/scorer")  # expect: PEFT401
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    for batch, wanted in batches:
        nn.functional.mse_loss(model(**batch), wanted).backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained("out/scorer2")


data = torch.load("scores.pt", weights_only=False)
train(data[:1000])
continue_training(data[1000:])
