# LoRA fine-tuning with a KL penalty to the frozen base, no second copy of the model.
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling

MODEL, BETA = "EleutherAI/pythia-410m", 0.05
device = "cuda" if torch.cuda.is_available() else "cpu"


def logprobs(model, batch, reference=False):
    ctx = model.disable_adapter() if reference else nullcontext()
    with ctx:
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return logits.log_softmax(-1)


tok = AutoTokenizer.from_pretrained(MODEL)
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained(MODEL)
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=["query_key_value"], task_type="CAUSAL_LM"))
model.to(device).train()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)

ds = load_dataset("json", data_files="style.jsonl", split="train")
ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=256), remove_columns=ds.column_names)
loader = DataLoader(ds, batch_size=4, shuffle=True, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))

for step, batch in enumerate(loader):
    batch = {k: v.to(device) for k, v in batch.items()}
    cur = logprobs(model, batch)
    with torch.no_grad():
        ref = logprobs(model, batch, reference=True)
    nll = F.nll_loss(cur[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=-100)
    kl = F.kl_div(ref, cur, log_target=True, reduction="batchmean")
    (nll + BETA * kl).backward()
    opt.step()
    opt.zero_grad()
    if step % 10 == 0:
        print(step, nll.item(), kl.item())
model.save_pretrained("style-lora")
