import torch
from diffusers import StableDiffusionXLPipeline

pipe = StableDiffusionXLPipeline.from_pretrained("sdxl", torch_dtype=torch.float16).to("cuda")
pipe.load_lora_weights("loras", weight_name="pixel.safetensors", adapter_name="pixel")
pipe.load_lora_weights("loras", weight_name="toy.safetensors", adapter_name="toy")


def draw(prompt, style, weight=1.0):
    pipe.set_adapters([style], adapter_weights=[weight])
    return pipe(prompt).images[0]


draw("a cat", "pixel").save("a.png")
draw("a cat", "toy", 0.8).save("b.png")
