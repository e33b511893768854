"""Adapt an unconditional diffusion prior to one measurement (steerable conditional diffusion)."""
import argparse
import copy

import torch
from diffusers import DDPMScheduler, UNet2DModel
from peft import LoraConfig, get_peft_model

ap = argparse.ArgumentParser()
ap.add_argument("--prior", default="google/ddpm-celebahq-256")
ap.add_argument("--y", default="measurement.pt")
ap.add_argument("--iters", type=int, default=200)
ap.add_argument("--lr", type=float, default=1e-4)
o = ap.parse_args()

score = UNet2DModel.from_pretrained(o.prior)
score.requires_grad_(False)
sched = DDPMScheduler.from_pretrained(o.prior)

score = get_peft_model(score, LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
score.print_trainable_parameters()
score.requires_grad_(True)  # expect: PEFT412
score.train().cuda()

y = torch.load(o.y).cuda()
mask = (torch.rand_like(y) > 0.5).float()
opt = torch.optim.Adam(score.parameters(), lr=o.lr)

for it in range(o.iters):
    t = torch.randint(0, sched.config.num_train_timesteps, (y.shape[0],), device="cuda")
    eps = torch.randn_like(y)
    xt = sched.add_noise(y, eps, t)
    pred = score(xt, t).sample
    loss = ((pred - eps) * mask).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 20 == 0:
        print(it, float(loss))

score.save_pretrained("scd_lora")
