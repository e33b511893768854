# Render the same prompt once in each style, for a side-by-side sheet.
from pathlib import Path

import torch
from diffusers import StableDiffusionXLPipeline

STYLES = {
    "papercut": "TheLastBen/Papercut_SDXL",
    "pixel": "nerijs/pixel-art-xl",
    "toy": "CiroN2022/toy-face",
}

pipe = StableDiffusionXLPipeline.from_pretrained(
    "stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16, variant="fp16"
).to("cuda")

out = Path("sheet")
out.mkdir(exist_ok=True)
for name, repo in STYLES.items():
    pipe.load_lora_weights(repo, adapter_name=name)
    pipe.fuse_lora(lora_scale=0.9)
    image = pipe(
        "a lighthouse on a cliff",
        num_inference_steps=30,
        generator=torch.Generator("cuda").manual_seed(0),
    ).images[0]
    image.save(out / f"{name}.png")
    pipe.unload_lora_weights()  # expect: PEFT701
