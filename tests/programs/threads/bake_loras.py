"""Bake pixel+toy LoRAs into the SDXL weights and save the pipeline for deployment."""
import argparse

import torch
from diffusers import AutoPipelineForText2Image

parser = argparse.ArgumentParser()
parser.add_argument("--out", default="sdxl-pixel-toy")
parser.add_argument("--w", nargs=2, type=float, default=[0.7, 0.9])
args = parser.parse_args()

pipe = AutoPipelineForText2Image.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16).to("cuda")
pipe.load_lora_weights("nerijs/pixel-art-xl", weight_name="pixel-art-xl.safetensors", adapter_name="pixel")
pipe.load_lora_weights("CiroN2022/toy-face", weight_name="toy_face_sdxl.safetensors", adapter_name="toy")

gen = torch.Generator("cuda")
prompt = "toy_face of a hacker with a hoodie, pixel art"
for name in ("pixel", "toy"):
    pipe.set_adapters(name)
    pipe(prompt, generator=gen.manual_seed(0)).images[0].save(f"{name}.png")

pipe.disable_lora()
pipe(prompt, generator=gen.manual_seed(0)).images[0].save("none.png")
pipe.enable_lora()

pipe.set_adapters(["pixel", "toy"], adapter_weights=args.w)
pipe.fuse_lora(adapter_names=["pixel", "toy"], lora_scale=1.0)
pipe.unload_lora_weights()
pipe(prompt, generator=gen.manual_seed(0)).images[0].save("fused.png")
pipe.save_pretrained(args.out)
