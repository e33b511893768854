import copy

import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "Qwen/Qwen2-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name)
reference = copy.deepcopy(base)
policy = PeftModel.from_pretrained(base, "out/qwen-dpo")
reference.eval()
policy.eval()

texts = ["The quick brown fox", "To be, or not to be", "import numpy as np"]
batch = tokenizer(texts, return_tensors="pt", padding=True)

with torch.no_grad():
    p = F.log_softmax(policy(**batch).logits, dim=-1)
    q = F.log_softmax(reference(**batch).logits, dim=-1)

mask = batch["attention_mask"].bool()
kl = (p.exp() * (p - q)).sum(-1)[mask]
print(f"KL(policy || reference): mean {kl.mean():.4f}, max {kl.max():.4f}")
