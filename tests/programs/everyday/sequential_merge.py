# Merge a pre-training adapter and an SFT adapter into one checkpoint, in order.
import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base_model", required=True, type=str)
    ap.add_argument("--lora_model", required=True, type=str, help="comma separated")
    ap.add_argument("--output_dir", default="./merged", type=str)
    args = ap.parse_args()

    lora_paths = [s.strip() for s in args.lora_model.split(",") if s.strip()]
    model = AutoModelForCausalLM.from_pretrained(args.base_model, dtype=torch.float16)
    tokenizer = AutoTokenizer.from_pretrained(lora_paths[-1])

    for i, path in enumerate(lora_paths):
        print(f"Loading LoRA {i}: {path}")
        model = PeftModel.from_pretrained(model, path)
        print("Merging...")
        model = model.merge_and_unload()

    print("Saving to", args.output_dir)
    model.save_pretrained(args.output_dir)
    tokenizer.save_pretrained(args.output_dir)


if __name__ == "__main__":
    main()
