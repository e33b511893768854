# Mix a character LoRA and a style LoRA in Stable Diffusion 1.5.
import argparse

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

ap = argparse.ArgumentParser()
ap.add_argument("--prompt", required=True)
ap.add_argument("--out", default="mix.png")
ap.add_argument("--steps", type=int, default=25)
args = ap.parse_args()

pipe = StableDiffusionPipeline.from_pretrained(
    "stable-diffusion-v1-5/stable-diffusion-v1-5", torch_dtype=torch.float16
)
pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
pipe.to("cuda")

pipe.load_lora_weights("loras/character.safetensors")
pipe.load_lora_weights("loras/style.safetensors")
pipe.set_adapters(["character", "style"], adapter_weights=[0.8, 0.6])  # expect: PEFT702

image = pipe(args.prompt, num_inference_steps=args.steps, guidance_scale=7.0).images[0]
image.save(args.out)
