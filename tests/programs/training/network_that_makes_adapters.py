"""The frozen model is what the new network is made for; that has parameters of its own, and they are trained."""
import torch
from peft import LoraConfig, PeftModel
from torch import nn
from transformers import AutoModelForCausalLM

from hyper_modulator import create_modulator


def sizes_of(model):
    return {name: module.out_features for name, module in model.named_modules() if isinstance(module, nn.Linear)}


class Modulator(nn.Module):
    def __init__(self, model, names):
        super().__init__()
        self.names = names
        self.device = model.device
        self.sizes = sizes_of(model)
        self.layers = nn.ModuleList([nn.Linear(64, size) for size in self.sizes.values()])

    def forward(self, batch):
        return sum(layer(batch).mean() for layer in self.layers)


def get_model(path, config, train, requires_grad):
    model = AutoModelForCausalLM.from_pretrained(path)
    if config is not None:
        model = PeftModel(model, config)
    model.train(train)
    for parameter in model.parameters():
        parameter.requires_grad = requires_grad
    return model


def main(args):
    model = get_model(args.path, LoraConfig(r=8), train=False, requires_grad=False)
    modulator = create_modulator(args, model, args.names)
    modulator.train()
    optimizer = torch.optim.AdamW([p for p in modulator.parameters() if p.requires_grad], lr=1e-4)
    for batch in args.data:
        loss = modulator(batch).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.save(modulator.state_dict(), args.output)


def distil(args, teacher):
    student = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(args.path), args.adapter)
    head = create_modulator(args, student, ["head"])
    optimizer = torch.optim.SGD(head.parameters(), lr=1e-3)
    for batch in args.data:
        head(batch, teacher).backward()
        optimizer.step()
    return head


def reconstruct(args):
    model = get_model(args.path, LoraConfig(r=8), train=False, requires_grad=False)
    modulator = Modulator(model, args.names)
    optimizer = torch.optim.AdamW(modulator.parameters(), lr=1e-4)
    for batch in args.data:
        modulator(batch).backward()
        optimizer.step()
    return modulator
