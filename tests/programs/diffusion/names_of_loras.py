"""The name that is activated is none of those that the LoRAs were loaded under."""
import torch
from diffusers import FluxPipeline

LORAS = {"realism": "XLabs-AI/flux-RealismLora", "turbo": "alimama-creative/FLUX.1-Turbo-Alpha"}
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev", torch_dtype=torch.bfloat16).to("cuda")
for name, repo in LORAS.items():
    pipe.load_lora_weights(repo, adapter_name=name)
pipe.set_adapters(["realism", "tubro"], adapter_weights=[0.8, 1.0])  # expect: PEFT106
pipe("a cat").images[0].save("cat.png")
