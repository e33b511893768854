# Export the fine-tuned classifier to a single checkpoint.
import argparse

from transformers import AutoModelForCausalLM, AutoTokenizer


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--base", default="Qwen/Qwen2.5-0.5B")
    p.add_argument("--lora", default="runs/lora")
    p.add_argument("--out", default="runs/merged")
    return p.parse_args()


def main():
    args = parse()
    model = AutoModelForCausalLM.from_pretrained(args.base)
    model.load_adapter(args.lora)
    model = model.merge_and_unload()  # expect: PEFT801
    model.save_pretrained(args.out)
    AutoTokenizer.from_pretrained(args.base).save_pretrained(args.out)


if __name__ == "__main__":
    main()
