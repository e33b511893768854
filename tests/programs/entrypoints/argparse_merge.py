#!/usr/bin/env python
"""Merge a LoRA adapter into its base model and save the result in half precision."""
import argparse
import os
import sys

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", required=True)
    parser.add_argument("--base", default=None, help="default: as the adapter says")
    parser.add_argument("--output", required=True)
    parser.add_argument("--push", action="store_true")
    return parser.parse_args(argv)


def main():
    args = parse_args()
    if os.path.abspath(args.adapter) == os.path.abspath(args.output):
        sys.exit("adapter and output must differ")
    base_id = args.base or PeftConfig.from_pretrained(args.adapter).base_model_name_or_path
    base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.float16, device_map="auto")
    model = PeftModel.from_pretrained(base, args.adapter)
    merged = model.merge_and_unload()
    merged.save_pretrained(args.output)
    AutoTokenizer.from_pretrained(base_id).save_pretrained(args.output)
    if args.push:
        model.push_to_hub(os.path.basename(args.output))  # expect: PEFT502


if __name__ == "__main__":
    main()
