# Train a query adapter and a passage adapter together with an in-batch contrastive loss.
import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModel, AutoTokenizer

NAME = "intfloat/e5-small-v2"
tok = AutoTokenizer.from_pretrained(NAME)
cfg = LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"], task_type="FEATURE_EXTRACTION")
model = get_peft_model(AutoModel.from_pretrained(NAME), cfg, adapter_name="query_side")
model.add_adapter("passage_side", cfg)
model.to("cuda").train()

lora_params = [p for n, p in model.named_parameters() if "lora_" in n]
optimizer = torch.optim.AdamW(lora_params, lr=2e-4)


def encode(texts):
    enc = tok(texts, padding=True, truncation=True, max_length=256, return_tensors="pt").to("cuda")
    hidden = model(**enc).last_hidden_state
    mask = enc["attention_mask"].unsqueeze(-1)
    return F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


data = load_dataset("sentence-transformers/natural-questions", split="train")
for batch in DataLoader(data, batch_size=64, shuffle=True):
    model.set_adapter("query_side")
    q = encode(batch["query"])
    model.set_adapter("passage_side")  # expect: PEFT407
    p = encode(batch["answer"])
    scores = q @ p.t() / 0.05
    loss = F.cross_entropy(scores, torch.arange(len(scores), device=scores.device))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.save_pretrained("e5-two-sided")
