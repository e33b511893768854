# 8 step Hyper lora fused for speed, then per request style loras
import os
from io import BytesIO

import torch
from diffusers import FluxPipeline
from flask import Flask, request, send_file

app = Flask(__name__)
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev", torch_dtype=torch.bfloat16)
pipe.load_lora_weights("loras/anime.safetensors", adapter_name="anime")
pipe.load_lora_weights("loras/oil.safetensors", adapter_name="oil")
pipe.to("cuda")

pipe.set_adapters("anime")
pipe.fuse_lora(lora_scale=0.9)
anime = pipe("a fox in the snow", num_inference_steps=8, guidance_scale=3.5).images[0]
anime.save("warmup_anime.png")

pipe.set_adapters("oil")  # expect: PEFT701
oil = pipe("a fox in the snow", num_inference_steps=8, guidance_scale=3.5).images[0]
oil.save("warmup_oil.png")


@app.get("/oil")
def gen():
    img = pipe(request.args["prompt"], num_inference_steps=8, guidance_scale=3.5, generator=torch.Generator("cpu").manual_seed(int(request.args.get("seed", 0)))).images[0]
    buf = BytesIO()
    img.save(buf, "PNG")
    buf.seek(0)
    return send_file(buf, mimetype="image/png")


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5000)))
