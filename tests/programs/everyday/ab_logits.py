# Measure how far two checkpoints of the same run are apart (KL over held-out text).
import math

import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "gpt2-medium"
EARLY = "runs/poetry/checkpoint-500"
LATE = "runs/poetry/checkpoint-4000"

tok = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)
early = PeftModel.from_pretrained(base, EARLY)
late = PeftModel.from_pretrained(base, LATE)  # expect: PEFT104
early.eval()
late.eval()

texts = load_dataset("wikitext", "wikitext-2-raw-v1", split="validation")["text"]
texts = [t for t in texts if len(t) > 200][:100]

total, n = 0.0, 0
with torch.no_grad():
    for t in texts:
        batch = tok(t, return_tensors="pt", truncation=True, max_length=512)
        logp_early = F.log_softmax(early(**batch).logits, dim=-1)
        logp_late = F.log_softmax(late(**batch).logits, dim=-1)
        kl = F.kl_div(logp_early, logp_late, log_target=True, reduction="sum")
        total += kl.item()
        n += batch["input_ids"].numel()

print(f"mean KL per token: {total / n:.5f}")
print(f"bits: {total / n / math.log(2):.5f}")
