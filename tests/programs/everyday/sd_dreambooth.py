# Minimal DreamBooth LoRA training loop for Stable Diffusion.
import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from PIL import Image
from torchvision import transforms
from transformers import CLIPTextModel, CLIPTokenizer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="stable-diffusion-v1-5/stable-diffusion-v1-5")
    ap.add_argument("--images", type=Path, required=True)
    ap.add_argument("--prompt", default="a photo of sks dog")
    ap.add_argument("--rank", type=int, default=4)
    ap.add_argument("--steps", type=int, default=500)
    ap.add_argument("--out", default="dreambooth-lora")
    args = ap.parse_args()
    device = "cuda"

    tokenizer = CLIPTokenizer.from_pretrained(args.model, subfolder="tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(args.model, subfolder="text_encoder").to(device)
    vae = AutoencoderKL.from_pretrained(args.model, subfolder="vae").to(device)
    unet = UNet2DConditionModel.from_pretrained(args.model, subfolder="unet").to(device)
    noise_scheduler = DDPMScheduler.from_pretrained(args.model, subfolder="scheduler")
    for m in (text_encoder, vae, unet):
        m.requires_grad_(False)

    unet.add_adapter(LoraConfig(r=args.rank, lora_alpha=args.rank, init_lora_weights="gaussian", target_modules=["to_k", "to_q", "to_v", "to_out.0"]))
    params = [p for p in unet.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(params, lr=1e-4)

    tf = transforms.Compose([transforms.Resize(512), transforms.CenterCrop(512), transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])
    images = [tf(Image.open(p).convert("RGB")) for p in sorted(args.images.glob("*.jpg"))]
    ids = tokenizer(args.prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt").input_ids
    with torch.no_grad():
        text = text_encoder(ids.to(device))[0]
        latents = [vae.encode(i[None].to(device)).latent_dist.mode() * vae.config.scaling_factor for i in images]

    unet.train()
    for step in range(args.steps):
        x = latents[step % len(latents)]
        noise = torch.randn_like(x)
        t = torch.randint(0, noise_scheduler.config.num_train_timesteps, (1,), device=device)
        pred = unet(noise_scheduler.add_noise(x, noise, t), t, text).sample
        loss = F.mse_loss(pred, noise)
        loss.backward()
        opt.step()
        opt.zero_grad()

    state = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    StableDiffusionPipeline.save_lora_weights(args.out, unet_lora_layers=state, safe_serialization=True)


if __name__ == "__main__":
    main()
