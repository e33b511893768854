# Render a prompt grid with SDXL: without LoRA first, then with two styles.
import argparse
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionXLPipeline

PROMPTS = ["a lighthouse on a cliff at dawn", "portrait of an old sailor", "a crowded night market"]


def render(pipe, out, tag, steps, seed):
    for i, prompt in enumerate(PROMPTS):
        g = torch.Generator("cuda").manual_seed(seed)
        image = pipe(prompt=prompt, num_inference_steps=steps, generator=g).images[0]
        image.save(out / f"{tag}_{i}.png")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=25)
    ap.add_argument("--seed", type=int, default=7)
    ap.add_argument("--out", type=Path, default=Path("grid"))
    args = ap.parse_args()
    args.out.mkdir(exist_ok=True)

    pipe = StableDiffusionXLPipeline.from_pretrained(
        "stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16, variant="fp16"
    ).to("cuda")
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.load_lora_weights("loras", weight_name="pixel-art-xl.safetensors", adapter_name="pixel")
    pipe.load_lora_weights("loras", weight_name="papercut.safetensors", adapter_name="paper")

    pipe.disable_lora()
    render(pipe, args.out, "plain", args.steps, args.seed)

    pipe.set_adapters("pixel")  # expect: PEFT306
    render(pipe, args.out, "pixel", args.steps, args.seed)
    pipe.set_adapters(["pixel", "paper"], adapter_weights=[0.7, 0.5])
    render(pipe, args.out, "both", args.steps, args.seed)


if __name__ == "__main__":
    main()
