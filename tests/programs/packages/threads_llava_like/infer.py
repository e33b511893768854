import argparse

import requests
from PIL import Image
from transformers import AutoTokenizer, CLIPImageProcessor

from configuration_tiny import TinyVLMConfig
from modeling_tiny import TinyVLM


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--image", required=True)
    ap.add_argument("--question", default="What is in the picture?")
    args = ap.parse_args()

    cfg = TinyVLMConfig()
    model = TinyVLM(cfg).eval()
    tok = AutoTokenizer.from_pretrained("lmsys/vicuna-7b-v1.5")
    proc = CLIPImageProcessor.from_pretrained(cfg.vision)
    img = Image.open(requests.get(args.image, stream=True).raw if args.image.startswith("http") else args.image)
    px = proc(images=img.convert("RGB"), return_tensors="pt").pixel_values
    ids = tok(f"USER: {args.question} ASSISTANT:", return_tensors="pt").input_ids
    out = model.describe(px, ids)
    print(tok.decode(out[0], skip_special_tokens=True))


if __name__ == "__main__":
    main()
