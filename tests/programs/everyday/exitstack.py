# Evaluate perplexity with the adapter, or without it when --no-adapter is given.
import argparse
import math
from contextlib import ExitStack

import torch
from datasets import load_dataset
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("adapter")
    ap.add_argument("--no-adapter", action="store_true")
    ap.add_argument("--limit", type=int, default=300)
    args = ap.parse_args()

    model = AutoPeftModelForCausalLM.from_pretrained(args.adapter, device_map="auto")
    tok = AutoTokenizer.from_pretrained(args.adapter)
    model.eval()
    lines = [r["text"] for r in load_dataset("wikitext", "wikitext-2-raw-v1", split="test") if len(r["text"]) > 80][: args.limit]

    total, tokens = 0.0, 0
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        if args.no_adapter:
            stack.enter_context(model.disable_adapter())
        for line in lines:
            enc = tok(line, return_tensors="pt", truncation=True, max_length=1024).to(model.device)
            n = enc.input_ids.shape[1]
            total += model(**enc, labels=enc.input_ids).loss.item() * n
            tokens += n
    print(f"perplexity: {math.exp(total / tokens):.3f}")


if __name__ == "__main__":
    main()
