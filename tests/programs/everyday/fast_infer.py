# Throughput-oriented batch inference with torch.compile.
import argparse
import time

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def get_model(base_id, adapter, num_labels, use_compile=True):
    model = AutoModelForSequenceClassification.from_pretrained(base_id, num_labels=num_labels, dtype=torch.float16)
    model = model.to("cuda").eval()
    model = torch.compile(model, dynamic=True)
    model = PeftModel.from_pretrained(model, adapter)  # expect: PEFT304
    return model


def batches(items, n):
    for i in range(0, len(items), n):
        yield items[i:i + n]


@torch.inference_mode()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="microsoft/deberta-v3-base")
    ap.add_argument("--adapter", default="out/deberta-topics")
    ap.add_argument("--labels", type=int, default=14)
    ap.add_argument("--input", default="articles.txt")
    ap.add_argument("--bs", type=int, default=64)
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    model = get_model(args.base, args.adapter, args.labels)
    with open(args.input) as fh:
        texts = [l.strip() for l in fh if l.strip()]

    start = time.perf_counter()
    preds = []
    for chunk in batches(texts, args.bs):
        enc = tok(chunk, padding=True, truncation=True, max_length=256, return_tensors="pt").to("cuda")
        preds += model(**enc).logits.argmax(-1).tolist()
    took = time.perf_counter() - start
    print(f"{len(preds)} texts in {took:.1f}s ({len(preds) / took:.0f}/s)")


if __name__ == "__main__":
    main()
