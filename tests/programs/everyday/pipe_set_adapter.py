# Small batch renderer for one LoRA out of several.
import torch
from diffusers import AutoPipelineForText2Image


class Renderer:
    def __init__(self, device="cuda"):
        self.pipe = AutoPipelineForText2Image.from_pretrained(
            "stabilityai/stable-diffusion-xl-base-1.0", torch_dtype=torch.float16
        ).to(device)
        self.pipe.load_lora_weights("loras/cinematic", adapter_name="cinematic")
        self.pipe.load_lora_weights("loras/anime", adapter_name="anime")

    def render(self, prompts, style, outdir="."):
        self.pipe.set_adapter(style)  # expect: PEFT801
        for i, p in enumerate(prompts):
            self.pipe(p, num_inference_steps=30).images[0].save(f"{outdir}/{style}-{i}.png")


if __name__ == "__main__":
    Renderer().render(["a harbour at dawn", "a fox"], "anime")
