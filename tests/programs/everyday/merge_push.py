# Merge a LoRA adapter into its base and push to the Hub.
import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    parser = argparse.ArgumentParser(description="merge adapter")
    parser.add_argument("--base_model", required=True)
    parser.add_argument("--adapter", required=True)
    parser.add_argument("--repo_id", required=True)
    parser.add_argument("--private", action="store_true")
    args = parser.parse_args()

    print(f"Loading {args.base_model}")
    base_model = AutoModelForCausalLM.from_pretrained(args.base_model, dtype=torch.bfloat16, device_map="cpu")
    tokenizer = AutoTokenizer.from_pretrained(args.base_model)

    print(f"Loading adapter {args.adapter}")
    model = PeftModel.from_pretrained(base_model, args.adapter)

    print("Merging...")
    model.merge_and_unload(safe_merge=True)  # expect: PEFT501

    model.push_to_hub(args.repo_id, private=args.private)
    tokenizer.push_to_hub(args.repo_id, private=args.private)
    print("done")


if __name__ == "__main__":
    main()
