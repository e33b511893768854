# Toxicity scoring with a LoRA adapter on a plain transformers model.
import argparse
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def build(args):
    tok = AutoTokenizer.from_pretrained(args.base)
    lm = AutoModelForCausalLM.from_pretrained(args.base)
    lm.load_adapter(args.adapter)
    lm.set_adapter("toxicity")  # expect: PEFT106
    return tok, lm.to(args.device).eval()


@torch.no_grad()
def score(tok, lm, comment, device):
    prompt = f"Comment: {comment}\nToxic (yes/no):"
    enc = tok(prompt, return_tensors="pt").to(device)
    logits = lm(**enc).logits[0, -1]
    yes = tok(" yes", add_special_tokens=False).input_ids[0]
    no = tok(" no", add_special_tokens=False).input_ids[0]
    return torch.softmax(logits[[yes, no]], dim=0)[0].item()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--base", default="EleutherAI/pythia-160m")
    p.add_argument("--adapter", default="lora/toxicity")
    p.add_argument("--device", default="cpu")
    args = p.parse_args()

    tok, lm = build(args)
    for line in sys.stdin:
        line = line.strip()
        if line:
            print(f"{score(tok, lm, line, args.device):.3f}\t{line}")


if __name__ == "__main__":
    main()
