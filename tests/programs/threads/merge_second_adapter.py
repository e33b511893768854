import argparse
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def get_args():
    parser = argparse.ArgumentParser(description="pretrain lora first, then sft lora, export one model")
    parser.add_argument("--base_model", type=str, required=True)
    parser.add_argument("--pt_lora", type=str, required=True)
    parser.add_argument("--sft_lora", type=str, required=True)
    parser.add_argument("--output_dir", type=str, default="merged")
    return parser.parse_args()


def main():
    args = get_args()
    tokenizer = AutoTokenizer.from_pretrained(args.base_model, trust_remote_code=True)
    print(f"Loading the base model: {args.base_model}")
    model = AutoModelForCausalLM.from_pretrained(args.base_model, torch_dtype=torch.float16, low_cpu_mem_usage=True, device_map="cpu")

    print("Loading the LoRA adapters")
    model = PeftModel.from_pretrained(model, args.pt_lora, adapter_name="pretrain")
    model.load_adapter(args.sft_lora, adapter_name="sft")  # expect: PEFT105

    print("Merging ...")
    model = model.merge_and_unload()
    os.makedirs(args.output_dir, exist_ok=True)
    model.save_pretrained(args.output_dir, max_shard_size="4GB")
    tokenizer.save_pretrained(args.output_dir)
    print("Done!", args.output_dir)


if __name__ == "__main__":
    main()
