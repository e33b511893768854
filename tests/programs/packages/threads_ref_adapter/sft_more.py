"""Continue SFT of the policy; the 'reference' adapter is only saved next to it for the later DPO stage."""
import sys

import torch
from transformers import AutoTokenizer

from models import policy_and_reference

base_id, sft_dir = sys.argv[1:3]
tok = AutoTokenizer.from_pretrained(base_id)
tok.pad_token = tok.eos_token
model = policy_and_reference(base_id, sft_dir)
params = [p for n, p in model.named_parameters() if ".policy." in n]
opt = torch.optim.AdamW(params, lr=1e-5)

for i, line in enumerate(open("extra.txt", encoding="utf-8")):
    b = tok(line.strip() + tok.eos_token, return_tensors="pt", truncation=True, max_length=512).to(0)
    loss = model(**b, labels=b["input_ids"]).loss
    loss.backward()
    if i % 8 == 7:
        opt.step()
        opt.zero_grad()
    if i % 100 == 0:
        print(i, loss.item())
model.save_pretrained("out/policy_ref")
