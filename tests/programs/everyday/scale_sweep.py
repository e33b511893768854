# Sweep the LoRA strength and report the held-out loss for each value.
import argparse

import torch
from datasets import load_dataset
from peft import PeftModel
from peft.helpers import rescale_adapter_scale
from transformers import AutoModelForCausalLM, AutoTokenizer


@torch.no_grad()
def loss_on(model, tok, texts):
    total = 0.0
    for t in texts:
        enc = tok(t, return_tensors="pt", truncation=True, max_length=512).to(model.device)
        total += model(**enc, labels=enc.input_ids).loss.item()
    return total / len(texts)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("adapter")
    ap.add_argument("--base", default="Qwen/Qwen2.5-0.5B")
    ap.add_argument("--scales", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0])
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    base = AutoModelForCausalLM.from_pretrained(args.base, device_map="auto")
    model = PeftModel.from_pretrained(base, args.adapter)
    texts = [r["text"] for r in load_dataset("wikitext", "wikitext-2-raw-v1", split="test[:200]") if r["text"].strip()]

    results = {}
    for scale in args.scales:
        rescale_adapter_scale(model, scale)  # expect: PEFT305
        results[scale] = loss_on(model, tok, texts)
        print(f"scale {scale:.2f}: {results[scale]:.4f}")
    best = min(results, key=results.get)
    print("best scale:", best)
