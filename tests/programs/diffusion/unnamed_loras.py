import torch
from diffusers import FluxPipeline

pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev", torch_dtype=torch.bfloat16)
pipe.load_lora_weights("loras/turbo", weight_name="turbo.safetensors")
pipe.load_lora_weights("loras/realism", weight_name="realism.safetensors")
pipe.set_adapters(["turbo", "realism"], adapter_weights=[0.125, 1.0])  # expect: PEFT702
pipe.enable_model_cpu_offload()

for seed in range(4):
    image = pipe(
        "portrait of a carpenter, natural light",
        num_inference_steps=8,
        generator=torch.Generator("cpu").manual_seed(seed),
    ).images[0]
    image.save(f"carpenter-{seed}.png")
