"""SFT with a KL penalty against the original model (so that it does not forget english)."""
import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

BETA = 0.1
name = "EleutherAI/pythia-410m"
tok = AutoTokenizer.from_pretrained(name)
tok.pad_token = tok.eos_token
base = AutoModelForCausalLM.from_pretrained(name).cuda()

policy = get_peft_model(base, LoraConfig(r=16, lora_alpha=32, target_modules=["query_key_value"], task_type="CAUSAL_LM"))
opt = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], lr=1e-4)

rows = load_dataset("wikimedia/wikipedia", "20231101.cy", split="train[:2000]")


def collate(items):
    b = tok([r["text"] for r in items], truncation=True, max_length=256, padding=True, return_tensors="pt")
    b["labels"] = b["input_ids"].masked_fill(b["attention_mask"] == 0, -100)
    return b


for i, batch in enumerate(DataLoader(rows, batch_size=4, shuffle=True, collate_fn=collate)):
    batch = {k: v.cuda() for k, v in batch.items()}
    out = policy(**batch)
    with torch.no_grad():
        ref_logits = base(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits  # expect: PEFT112
    kl = F.kl_div(out.logits.log_softmax(-1), ref_logits.log_softmax(-1), log_target=True, reduction="batchmean")
    (out.loss + BETA * kl).backward()
    opt.step()
    opt.zero_grad()
    if i % 20 == 0:
        print(f"{i} ce {out.loss.item():.3f} kl {kl.item():.5f}")  # kl is always 0.0000 ???

policy.save_pretrained("pythia-cy-kl")
