import torch
from diffusers import StableDiffusionXLPipeline

pipe = StableDiffusionXLPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16)
pipe.to("cuda")

pipe.load_lora_weights("loras/pixel-art", weight_name="pixel.safetensors", adapter_name="pixel")
pipe.load_lora_weights("loras/toy", weight_name="toy.safetensors", adapter_name="toy")

pipe.set_adapters("pixel")
pipe.fuse_lora(adapter_names=["pixel"], lora_scale=0.9)
generator = torch.manual_seed(0)
pipe("a castle, pixel art", generator=generator).images[0].save("pixel.png")

pipe.set_adapters("toy")  # expect: PEFT701
generator = torch.manual_seed(0)
pipe("a castle made of toy bricks", generator=generator).images[0].save("toy.png")
