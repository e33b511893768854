# Evaluate a saved LoRA on GSM8K (exact match of the final number).
import argparse
import re

import torch
from datasets import load_dataset
from peft import PeftConfig, get_peft_model
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer

NUM = re.compile(r"-?\d[\d,]*\.?\d*")


def last_number(text):
    found = NUM.findall(text)
    return found[-1].replace(",", "") if found else None


def load(ckpt):
    config = PeftConfig.from_pretrained(ckpt)
    base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, dtype="auto", device_map="auto")
    model = get_peft_model(base, config)  # expect: PEFT102
    model.eval()
    return model, AutoTokenizer.from_pretrained(config.base_model_name_or_path)


@torch.no_grad()
def evaluate(model, tok, rows, max_new_tokens):
    hits = 0
    bar = tqdm(rows)
    for n, row in enumerate(bar, 1):
        enc = tok(f"Question: {row['question']}\nAnswer:", return_tensors="pt").to(model.device)
        out = model.generate(**enc, max_new_tokens=max_new_tokens, do_sample=False)
        pred = last_number(tok.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True))
        gold = row["answer"].split("####")[-1].strip().replace(",", "")
        hits += int(pred is not None and pred == gold)
        bar.set_postfix(acc=hits / n)
    return hits / len(rows)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("ckpt")
    ap.add_argument("--limit", type=int, default=200)
    ap.add_argument("--max_new_tokens", type=int, default=320)
    a = ap.parse_args()
    model, tok = load(a.ckpt)
    rows = load_dataset("openai/gsm8k", "main", split="test").select(range(a.limit))
    print("accuracy:", evaluate(model, tok, rows, a.max_new_tokens))
