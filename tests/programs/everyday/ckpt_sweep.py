# Evaluate every checkpoint of a run on a multiple-choice set.
import glob
import json
import os

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

RUN_DIR = "runs/medqa"
BASE = "Qwen/Qwen2.5-1.5B"


def accuracy(model, tok, items):
    right = 0
    letters = [tok(f" {c}", add_special_tokens=False).input_ids[0] for c in "ABCD"]
    for it in items:
        enc = tok(it["prompt"] + "\nAnswer:", return_tensors="pt").to(model.device)
        with torch.no_grad():
            logits = model(**enc).logits[0, -1, letters]
        right += int("ABCD"[logits.argmax().item()] == it["answer"])
    return right / len(items)


if __name__ == "__main__":
    with open("medqa_test.json") as fh:
        items = json.load(fh)
    tok = AutoTokenizer.from_pretrained(BASE)
    base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16, device_map="auto")
    results = {"base": accuracy(base, tok, items)}

    ckpts = sorted(glob.glob(os.path.join(RUN_DIR, "checkpoint-*")), key=lambda p: int(p.rsplit("-", 1)[1]))
    for ckpt in ckpts:
        model = PeftModel.from_pretrained(base, ckpt)
        model.eval()
        results[os.path.basename(ckpt)] = accuracy(model, tok, items)
        base = model.unload()

    for k, v in results.items():
        print(f"{k:20s} {v:.3f}")
