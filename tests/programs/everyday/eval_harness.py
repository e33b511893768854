"""lm-eval style: model either plain or with an adapter."""
import argparse

from peft import PeftModel
from transformers import AutoModelForCausalLM


def get_model(args):
    model = AutoModelForCausalLM.from_pretrained(args.model)
    if args.peft:
        model = PeftModel.from_pretrained(model, args.peft, revision=args.revision)
    if args.merge and args.peft:
        model = model.merge_and_unload()
    return model.eval()


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    for flag in ("--model", "--peft", "--revision"):
        p.add_argument(flag)
    p.add_argument("--merge", action="store_true")
    args = p.parse_args()
    print(get_model(args).generate(input_ids=ids))
