# Contact sheet of styles, each one on the clean checkpoint.
import torch
from diffusers import StableDiffusionPipeline

pipe = StableDiffusionPipeline.from_pretrained("stable-diffusion-v1-5/stable-diffusion-v1-5", torch_dtype=torch.float16)
pipe.to("cuda")
for style in ("ink", "oil", "pastel"):
    pipe.load_lora_weights(f"loras/{style}.safetensors", adapter_name=style)
    pipe.fuse_lora(lora_scale=0.8)
    pipe("a quiet street", num_inference_steps=25).images[0].save(f"{style}.png")
    pipe.unfuse_lora()
    pipe.unload_lora_weights()
