"""Resume: python train.py --resume outputs/2025-08-11/last --steps 20000"""
import argparse

import torch
from peft import get_peft_model
from torch.utils.data import DataLoader

from factory import load_policy
from wrap import lora_from_args


def make_loader(path, bs):
    data = torch.load(path)
    return DataLoader(data, batch_size=bs, shuffle=True, drop_last=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--resume", required=True)
    p.add_argument("--data", default="data/episodes.pt")
    p.add_argument("--lora_r", type=int, default=16)
    p.add_argument("--steps", type=int, default=20_000)
    p.add_argument("--lr", type=float, default=1e-4)
    args = p.parse_args()

    policy = load_policy(args.resume)
    policy = get_peft_model(policy, lora_from_args(args))  # expect: PEFT103
    policy.print_trainable_parameters()
    policy.train()

    optim = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], lr=args.lr)
    step = 0
    while step < args.steps:
        for batch in make_loader(args.data, 8):
            batch = {k: v.cuda() for k, v in batch.items()}
            loss = policy(**batch).loss
            loss.backward()
            optim.step()
            optim.zero_grad()
            step += 1
            if step % 100 == 0:
                print(step, round(loss.item(), 4))
            if step >= args.steps:
                break
    policy.save_pretrained(args.resume + "_cont")


if __name__ == "__main__":
    main()
