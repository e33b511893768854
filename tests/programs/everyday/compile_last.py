# Batch classification with two adapters on a compiled model.
import argparse
import time

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="roberta-base")
    ap.add_argument("--input", default="lines.txt")
    args = ap.parse_args()
    tok = AutoTokenizer.from_pretrained(args.base)
    base = AutoModelForSequenceClassification.from_pretrained(args.base, num_labels=3)
    model = PeftModel.from_pretrained(base, "lora/reviews", adapter_name="reviews")
    model.load_adapter("lora/tweets", adapter_name="tweets")
    model.to("cuda").eval()
    compiled = torch.compile(model)

    with open(args.input) as fh:
        lines = [l.strip() for l in fh if l.strip()]
    for name in ("reviews", "tweets"):
        model.set_adapter(name)
        t0, counts = time.time(), [0, 0, 0]
        for i in range(0, len(lines), 32):
            enc = tok(lines[i:i + 32], padding="max_length", max_length=128, truncation=True, return_tensors="pt").to("cuda")
            with torch.inference_mode():
                for p in compiled(**enc).logits.argmax(-1).tolist():
                    counts[p] += 1
        print(name, counts, f"{time.time() - t0:.1f}s")


if __name__ == "__main__":
    main()
