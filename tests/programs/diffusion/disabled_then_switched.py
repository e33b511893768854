import torch
from diffusers import DiffusionPipeline


class Painter:
    def __init__(self, model="runwayml/stable-diffusion-v1-5"):
        self.pipe = DiffusionPipeline.from_pretrained(model, torch_dtype=torch.float16).to("cuda")

    def add(self, name, path):
        self.pipe.load_lora_weights(path, adapter_name=name)

    def paint(self, prompt, seed=0):
        return self.pipe(prompt, generator=torch.manual_seed(seed)).images[0]


painter = Painter()
painter.add("ink", "loras/ink.safetensors")
painter.add("oil", "loras/oil.safetensors")

painter.pipe.set_adapters("ink")
painter.paint("a boat").save("ink.png")

painter.pipe.disable_lora()
painter.paint("a boat").save("plain.png")

painter.pipe.set_adapters("oil")  # expect: PEFT306
painter.paint("a boat").save("oil.png")
