import torch
from diffusers import StableDiffusionXLPipeline

LORAS = {"pixel": "loras/pixel-art/pixel.safetensors", "toy": "loras/toy/toy.safetensors"}

pipe = StableDiffusionXLPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16)
pipe.to("cuda")

for name, path in LORAS.items():
    pipe.load_lora_weights(path, adapter_name=name)
    pipe.set_adapters(name)
    pipe.fuse_lora(lora_scale=0.9)
    pipe("a castle", generator=torch.manual_seed(0)).images[0].save(f"{name}.png")
    pipe.unfuse_lora()
    pipe.unload_lora_weights()

# both at once
for name, path in LORAS.items():
    pipe.load_lora_weights(path, adapter_name=name)
pipe.set_adapters(list(LORAS), adapter_weights=[0.7, 0.5])
pipe("a castle", generator=torch.manual_seed(0)).images[0].save("both.png")
pipe.disable_lora()
pipe("a castle", generator=torch.manual_seed(0)).images[0].save("none.png")
pipe.enable_lora()
pipe.delete_adapters("pixel")

# deployment: fuse and save
pipe.fuse_lora(adapter_names=["toy"])
pipe.unload_lora_weights()
pipe.save_pretrained("out/toy-fused")
