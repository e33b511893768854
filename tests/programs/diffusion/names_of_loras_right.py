"""Names that are there, one that a helper may have loaded, and those of a LoRA that a model of the pipeline got itself."""
import sys

import torch
from diffusers import FluxPipeline, StableDiffusionPipeline
from styles import load_house_style

pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev", torch_dtype=torch.bfloat16).to("cuda")
pipe.load_lora_weights("XLabs-AI/flux-RealismLora", adapter_name="realism")
pipe.set_adapters("realism", 0.8)
pipe("a cat").images[0].save("cat.png")
load_house_style(pipe)
pipe.set_adapters(["realism", "house"], adapter_weights=[0.5, 0.5])
pipe("a cat").images[0].save("house.png")

extra = sys.argv[1:]
other = StableDiffusionPipeline.from_pretrained("sd-1-5")
other.load_lora_weights("styles/noir", adapter_name="noir")
for folder in extra:
    other.load_lora_weights(folder, adapter_name=folder)
if "styles/ink" in extra:
    other.set_adapters(["noir", "styles/ink"])
other("a cat").images[0].save("noir.png")
