"""The core of a DreamBooth LoRA script: add_adapter on the UNet, save, load for inference."""
import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

MODEL = "runwayml/stable-diffusion-v1-5"


def main(batches, out="out/dog"):
    unet = UNet2DConditionModel.from_pretrained(MODEL, subfolder="unet")
    scheduler = DDPMScheduler.from_pretrained(MODEL, subfolder="scheduler")
    unet.requires_grad_(False)
    unet.add_adapter(
        LoraConfig(r=4, lora_alpha=4, init_lora_weights="gaussian", target_modules=["to_k", "to_q", "to_v", "to_out.0"])
    )
    parameters = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)
    for latents, states in batches:
        noise = torch.randn_like(latents)
        steps = torch.randint(0, scheduler.config.num_train_timesteps, (latents.shape[0],))
        noisy = scheduler.add_noise(latents, noise, steps)
        loss = F.mse_loss(unet(noisy, steps, states).sample, noise)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    StableDiffusionPipeline.save_lora_weights(out, unet_lora_layers=layers)

    pipe = StableDiffusionPipeline.from_pretrained(MODEL)
    pipe.load_lora_weights(out)
    pipe("a photo of sks dog").images[0].save("dog.png")


main(torch.load("latents.pt", weights_only=False))
