"""The option's text becomes a list on its way, in one place or another; a regular expression stays a text."""

import argparse

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def names(text):
    return text.split(",")


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="huggyllama/llama-7b")
    parser.add_argument("--target-modules", default="q_proj,k_proj,v_proj")
    parser.add_argument("--exclude", type=names, default="gate_proj,up_proj")
    parser.add_argument("--modules-to-save", nargs="*", default="lm_head")
    parser.add_argument("--pattern", default=r".*\.(q|v)_proj")
    args = parser.parse_args()
    args.target_modules = args.target_modules.split(",")
    return args


def main():
    args = options()
    listed = LoraConfig(r=8, target_modules=args.target_modules, modules_to_save=args.modules_to_save)
    matched = LoraConfig(r=8, target_modules=args.pattern, exclude_modules=args.exclude)
    for config in (listed, matched):
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(args.model), config)
        model.print_trainable_parameters()


main()
