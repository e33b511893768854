# Perplexity of the base model against the fine-tuned one.
import argparse
import math

import torch
from datasets import load_dataset
from peft import PeftModel
from tqdm.auto import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer


def perplexity(model, encodings, stride=512, max_len=1024):
    nlls, prev_end = [], 0
    seq_len = encodings.input_ids.size(1)
    for begin in tqdm(range(0, seq_len, stride)):
        end = min(begin + max_len, seq_len)
        trg = end - prev_end
        ids = encodings.input_ids[:, begin:end].to(model.device)
        labels = ids.clone()
        labels[:, :-trg] = -100
        with torch.no_grad():
            nlls.append(model(ids, labels=labels).loss * trg)
        prev_end = end
        if end == seq_len:
            break
    return math.exp(torch.stack(nlls).sum().item() / end)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="facebook/opt-350m")
    ap.add_argument("--lora", default="out/opt-lora")
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    base_model = AutoModelForCausalLM.from_pretrained(args.base, device_map="auto")
    tuned_model = PeftModel.from_pretrained(base_model, args.lora)
    base_model.eval()
    tuned_model.eval()

    text = "\n\n".join(load_dataset("wikitext", "wikitext-2-raw-v1", split="test")["text"])
    enc = tok(text, return_tensors="pt")

    ppl_base = perplexity(base_model, enc)  # expect: PEFT112
    ppl_tuned = perplexity(tuned_model, enc)
    print(f"base  {ppl_base:.2f}")
    print(f"tuned {ppl_tuned:.2f}")
    print(f"relative improvement {(ppl_base - ppl_tuned) / ppl_base:.1%}")


if __name__ == "__main__":
    main()
