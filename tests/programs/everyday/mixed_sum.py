# Sum two adapters of different types at inference.
import argparse

import torch
from peft import PeftMixedModel, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def build(args):
    base = AutoModelForCausalLM.from_pretrained(args.base)
    if args.mixed:
        model = PeftMixedModel.from_pretrained(base, args.first, adapter_name="first")
        model.load_adapter(args.second, adapter_name="second")
        model.set_adapter(["first", "second"])
    else:
        model = PeftModel.from_pretrained(base, args.first, adapter_name="first")
        model.load_adapter(args.second, adapter_name="second")
        model.base_model.set_adapter(["first", "second"])
    return model.eval()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="gpt2")
    ap.add_argument("--first", default="lora/a")
    ap.add_argument("--second", default="lora/b")
    ap.add_argument("--mixed", action="store_true")
    args = ap.parse_args()
    tok = AutoTokenizer.from_pretrained(args.base)
    model = build(args)
    enc = tok("Once upon a time", return_tensors="pt")
    with torch.no_grad():
        print(tok.decode(model.generate(**enc, max_new_tokens=40)[0]))
