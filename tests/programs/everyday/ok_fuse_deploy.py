# Bake a LoRA into an SDXL checkpoint.
import torch
from diffusers import StableDiffusionXLPipeline

pipe = StableDiffusionXLPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16)
pipe.load_lora_weights("latent-consistency/lcm-lora-sdxl")
pipe.fuse_lora()
pipe.unload_lora_weights()
pipe.save_pretrained("sdxl-lcm-fused", variant="fp16")
