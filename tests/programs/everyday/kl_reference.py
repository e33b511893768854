# Distillation-regularised LoRA fine-tuning: keep close to the original model with a KL term.
import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, default_data_collator

BASE, BETA, LR, BS = "EleutherAI/pythia-70m", 0.1, 2e-4, 16
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

tok = AutoTokenizer.from_pretrained(BASE)
tok.pad_token = tok.eos_token


def encode(batch):
    enc = tok(batch["quote"], max_length=64, padding="max_length", truncation=True)
    enc["labels"] = enc["input_ids"]
    return enc


quotes = load_dataset("Abirate/english_quotes", split="train")
quotes = quotes.map(encode, batched=True, remove_columns=quotes.column_names)
loader = DataLoader(quotes, batch_size=BS, shuffle=True, collate_fn=default_data_collator)

student = AutoModelForCausalLM.from_pretrained(BASE)
student = get_peft_model(student, LoraConfig(r=8, lora_alpha=16, target_modules=["query_key_value"], task_type="CAUSAL_LM"))
student.to(device)
student.train()

optimizer = torch.optim.AdamW((p for p in student.parameters() if p.requires_grad), lr=LR)

for step, batch in enumerate(loader):
    batch = {k: v.to(device) for k, v in batch.items()}
    out = student(**batch)
    with torch.no_grad():
        teacher_logits = student.get_base_model()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits  # expect: PEFT112
    kl = F.kl_div(out.logits.log_softmax(-1), teacher_logits.softmax(-1), reduction="batchmean")
    loss = out.loss + BETA * kl
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step % 20 == 0:
        print(f"step {step} lm {out.loss.item():.3f} kl {kl.item():.3f}")

student.save_pretrained("pythia-quotes-lora")
