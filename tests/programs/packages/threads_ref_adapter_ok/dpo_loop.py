import json
import sys

import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from models import policy_and_reference

base_id, sft_dir = sys.argv[1:3]
tok = AutoTokenizer.from_pretrained(base_id)
model = policy_and_reference(base_id, sft_dir)
params = [p for n, p in model.named_parameters() if p.requires_grad]
opt = torch.optim.AdamW(params, lr=5e-6)


def lp(text):
    ids = tok(text, return_tensors="pt", truncation=True, max_length=512).input_ids.to(0)
    return model(input_ids=ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).sum()


pairs = [json.loads(l) for l in open("pairs.jsonl")]
# reference log probs once, before training
model.set_adapter("reference")
model.eval()
with torch.no_grad():
    ref = [(lp(p["prompt"] + p["chosen"]), lp(p["prompt"] + p["rejected"])) for p in pairs]
model.set_adapter("policy")
model.train()

for p, (rc, rr) in zip(pairs, ref):
    loss = -F.logsigmoid(0.1 * ((lp(p["prompt"] + p["chosen"]) - rc) - (lp(p["prompt"] + p["rejected"]) - rr)))
    loss.backward()
    opt.step()
    opt.zero_grad()
model.save_pretrained("out", selected_adapters=["policy"])
