"""The frozen model is what the new network is made for; that has parameters of its own, and they are trained."""
import torch
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM

from hyper_modulator import create_modulator


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
